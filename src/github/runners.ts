import { GithubError } from '../core/errors.ts';
import type { Runner } from '../core/observation.ts';
import { ask, purposes } from './purposes.ts';
import { AnswerError } from './errors.ts';
import type { Lists } from './rest/lists.ts';
import type { RepositoryUrls } from './repository-urls.ts';
import type { Requester } from './rest/requester.ts';
import { toRunner } from './shapes.ts';

/** Finds and removes registrations, in the lane of cleanup. */
export class Runners {
  readonly #requester: Requester;
  readonly #lists: Lists;
  readonly #placesOf: (scope: string) => RepositoryUrls;

  constructor(requester: Requester, lists: Lists, placesOf: (scope: string) => RepositoryUrls) {
    this.#requester = requester;
    this.#lists = lists;
    this.#placesOf = placesOf;
  }

  async find(scope: string, runnerName: string, signal: AbortSignal): Promise<Runner | null> {
    const why = ask(purposes.runners(scope), 'cleanup', signal);
    const listed = await this.#lists.all(this.#placesOf(scope).runners(runnerName), why);
    const found = listed.find(({ name }) => name === runnerName);
    return found === undefined ? null : toRunner(found, scope);
  }

  async remove(scope: string, runnerId: number, signal: AbortSignal): Promise<'gone' | 'busy'> {
    const places = this.#placesOf(scope);
    try {
      await this.#requester.delete(
        places.runner(runnerId),
        ask(purposes.remove(scope, runnerId), 'cleanup', signal),
      );
      return 'gone';
    } catch (error) {
      if (!(error instanceof GithubError) || !(error.cause instanceof AnswerError)) throw error;
      const { status } = error.cause;
      // Busy is the only thing that GitHub documents a 422 for here; its words for that may change.
      if (status === 422) return 'busy';
      if (status !== 404) throw error;
      // A token that lost sight of the repository gets the same 404, and "gone" permits to end a container.
      await this.#lists.first(places.runners(null), ask(purposes.runners(scope), 'cleanup', signal));
      return 'gone';
    }
  }
}
