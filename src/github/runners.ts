import { GithubError } from '../core/errors.ts';
import type { Runner } from '../core/observation.ts';
import { AnswerError } from './errors.ts';
import { ask, purposes } from './purposes.ts';
import type { RepositoryUrls } from './repository-urls.ts';
import type { Lists } from './rest/lists.ts';
import type { Requester } from './rest/requester.ts';
import { toRunner } from './shapes.ts';

/** Finds and removes registrations. Its requests have the priority `cleanup`. */
export class Runners {
  readonly #requester: Requester;
  readonly #lists: Lists;
  readonly #urlsOf: (scope: string) => RepositoryUrls;

  constructor(requester: Requester, lists: Lists, urlsOf: (scope: string) => RepositoryUrls) {
    this.#requester = requester;
    this.#lists = lists;
    this.#urlsOf = urlsOf;
  }

  async find(scope: string, runnerName: string, signal: AbortSignal): Promise<Runner | null> {
    const why = ask(purposes.runners(scope), 'cleanup', signal);
    const { items } = await this.#lists.all(this.#urlsOf(scope).runners(runnerName), why);
    const found = items.find(({ name }) => name === runnerName);
    return found === undefined ? null : toRunner(found, scope);
  }

  async remove(scope: string, runnerId: number, signal: AbortSignal): Promise<'gone' | 'busy'> {
    const urls = this.#urlsOf(scope);
    try {
      await this.#requester.delete(
        urls.runner(runnerId),
        ask(purposes.remove(scope, runnerId), 'cleanup', signal),
      );
      return 'gone';
    } catch (error) {
      if (!(error instanceof GithubError) || !(error.cause instanceof AnswerError)) throw error;
      const { status } = error.cause;
      // GitHub documents a 422 only for a busy runner here. Its message may change, so the status decides.
      if (status === 422) return 'busy';
      if (status !== 404) throw error;
      // A token that may no longer see the repository gets the same 404, but `gone` allows ending a container. So this
      // asks whether the token still sees the repository's runners.
      await this.#lists.first(urls.runners(null), ask(purposes.runners(scope), 'cleanup', signal));
      return 'gone';
    }
  }
}
