/**
 * The port `Github` over REST. It knows the core, and sends requests only through `rest`, which keeps to GitHub's limits.
 * Start with `createGithub`; `reads.ts` asks, `registration.ts` and `runners.ts` make and remove registrations.
 */

import type { Github } from '../core/ports.ts';
import type { GithubOptions } from './options.ts';
import { Reads } from './reads.ts';
import { Registrar } from './registration.ts';
import { RepositoryUrls } from './repository-urls.ts';
import { Lists } from './rest/lists.ts';
import { Requester } from './rest/requester.ts';
import { Runners } from './runners.ts';
import { DEFAULT_TUNING } from './tuning.ts';

/** GitHub over REST, for one identity. It opens nothing that would have to be closed. */
export function createGithub(given: GithubOptions): Github {
  const options = { ...given, apiUrl: given.apiUrl.replace(/\/+$/, '') };
  const tuning = { ...DEFAULT_TUNING, ...options.tuning };
  const urls = new Map(options.scopes.map((scope) => [scope, new RepositoryUrls(options.apiUrl, scope)]));
  const urlsOf = (scope: string): RepositoryUrls =>
    urls.get(scope) ?? new RepositoryUrls(options.apiUrl, scope);
  const requester = new Requester(options, tuning);
  const lists = new Lists(requester, tuning.maxPages);
  const runners = new Runners(requester, lists, urlsOf);
  const registrar = new Registrar(options, tuning, requester, runners, urlsOf);
  const reads = new Reads(requester, lists, options.clock, urlsOf);
  return {
    read: (part, rank, signal) => reads.read(part, rank, signal),
    register: (order, signal) => registrar.register(order, signal),
    deregister: (scope, runnerId, signal) => runners.remove(scope, runnerId, signal),
    findRunner: (scope, runnerName, signal) => runners.find(scope, runnerName, signal),
    rateLimit: () => requester.rateLimit(),
    requests: () => requester.requests(),
  };
}
