import type { Github } from '../core/ports.ts';
import { DEFAULT_LIMITS } from './tuning.ts';
import { Lists } from './rest/lists.ts';
import { Observer } from './observer.ts';
import type { GithubOptions } from './options.ts';
import { Places } from './repository-urls.ts';
import { Registrar } from './registration.ts';
import { Requester } from './rest/requester.ts';
import { Runners } from './runners.ts';

/** GitHub over REST, for one identity. Opens nothing that must be closed. */
export function createGithub(given: GithubOptions): Github {
  const options = { ...given, apiUrl: given.apiUrl.replace(/\/+$/, '') };
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const places = new Map(options.scopes.map((scope) => [scope, new Places(options.apiUrl, scope)]));
  const placesOf = (scope: string): Places => places.get(scope) ?? new Places(options.apiUrl, scope);
  const requester = new Requester(options, limits);
  const lists = new Lists(requester, limits.maxPages);
  const runners = new Runners(requester, lists, placesOf);
  const registrar = new Registrar(options, limits, requester, runners, placesOf);
  const observer = new Observer(options, limits, lists, places, (signal) => requester.paceLook(signal));
  return {
    look: (signal) => observer.look(signal),
    register: (order, signal) => registrar.register(order, signal),
    deregister: (scope, runnerId, signal) => runners.remove(scope, runnerId, signal),
    findRunner: (scope, runnerName, signal) => runners.find(scope, runnerName, signal),
    rateLimit: () => requester.rateLimit(),
  };
}
