import type { Github } from '../core/ports.ts';
import { DEFAULT_TUNING } from './tuning.ts';
import { Lists } from './rest/lists.ts';
import { Observer } from './observer.ts';
import type { GithubOptions } from './options.ts';
import { RepositoryUrls } from './repository-urls.ts';
import { Registrar } from './registration.ts';
import { Requester } from './rest/requester.ts';
import { Runners } from './runners.ts';

/** GitHub over REST, for one identity. Opens nothing that must be closed. */
export function createGithub(given: GithubOptions): Github {
  const options = { ...given, apiUrl: given.apiUrl.replace(/\/+$/, '') };
  const tuning = { ...DEFAULT_TUNING, ...options.tuning };
  const places = new Map(options.scopes.map((scope) => [scope, new RepositoryUrls(options.apiUrl, scope)]));
  const placesOf = (scope: string): RepositoryUrls =>
    places.get(scope) ?? new RepositoryUrls(options.apiUrl, scope);
  const requester = new Requester(options, tuning);
  const lists = new Lists(requester, tuning.maxPages);
  const runners = new Runners(requester, lists, placesOf);
  const registrar = new Registrar(options, tuning, requester, runners, placesOf);
  const observer = new Observer(options, tuning, lists, places, (signal) =>
    requester.paceObservation(signal),
  );
  return {
    observe: (signal) => observer.observe(signal),
    register: (order, signal) => registrar.register(order, signal),
    deregister: (scope, runnerId, signal) => runners.remove(scope, runnerId, signal),
    findRunner: (scope, runnerName, signal) => runners.find(scope, runnerName, signal),
    rateLimit: () => requester.rateLimit(),
  };
}
