import { GithubError } from '../core/errors.ts';
import type { Runner } from '../core/observation.ts';
import type { Registration, RegistrationOrder, Sealed } from '../core/ports.ts';
import { Secret } from '../core/secret.ts';
import { githubError, mayHaveHappened } from './errors.ts';
import type { GithubOptions } from './options.ts';
import { ask, purposes } from './purposes.ts';
import { RegistrationTokens } from './registration-tokens.ts';
import type { RepositoryUrls } from './repository-urls.ts';
import type { Requester } from './rest/requester.ts';
import type { Runners } from './runners.ts';
import type { Tuning } from './tuning.ts';
import { jitConfig } from './wire.ts';

/** A repository has one runner group, the default one. Its id is 1, although GitHub's description does not say so. */
const DEFAULT_GROUP = 1;

/** Makes registrations for one job each, in the form that containers read (contract section 3). */
export class Registrar {
  readonly #options: GithubOptions;
  readonly #tuning: Tuning;
  readonly #requester: Requester;
  readonly #runners: Runners;
  readonly #urlsOf: (scope: string) => RepositoryUrls;
  readonly #tokens: RegistrationTokens;

  constructor(
    options: GithubOptions,
    tuning: Tuning,
    requester: Requester,
    runners: Runners,
    urlsOf: (scope: string) => RepositoryUrls,
  ) {
    this.#options = options;
    this.#tuning = tuning;
    this.#requester = requester;
    this.#runners = runners;
    this.#urlsOf = urlsOf;
    this.#tokens = new RegistrationTokens(options, tuning, requester, urlsOf);
  }

  register(order: RegistrationOrder, signal: AbortSignal): Promise<Registration> {
    return this.#options.registration === 'jit' ? this.#jit(order, signal) : this.#token(order, signal);
  }

  async #jit(order: RegistrationOrder, signal: AbortSignal): Promise<Registration> {
    const { scope, runnerName: name, labels } = order;
    const body = { name, runner_group_id: DEFAULT_GROUP, labels, work_folder: '_work' };
    try {
      const made = await this.#requester.post(
        this.#urlsOf(scope).jitConfig(),
        body,
        jitConfig,
        ask(purposes.register(scope, name), 'registration', signal),
      );
      return {
        runnerId: made.runner.id,
        credential: sealed({ mode: 'jit', jitConfig: made.encoded_jit_config }),
      };
    } catch (error) {
      if (!(error instanceof GithubError) || !mayHaveHappened(error) || signal.aborted) throw error;
      const outcome = await this.#undo(order, signal);
      throw new GithubError('lost', `${error.message}; ${outcome}; go on with a new name`, {
        cause: error.cause,
      });
    }
  }

  async #token(order: RegistrationOrder, signal: AbortSignal): Promise<Registration> {
    const { scope, runnerName: name, labels } = order;
    const token = await this.#tokens.get(scope, signal);
    const url = `${webUrl(this.#options)}/${scope}`;
    const group = this.#options.runnerGroup;
    const credential = sealed({ mode: 'token', url, token: token.reveal(), name, labels, group });
    return { runnerId: null, credential };
  }

  /** Finds and removes what a lost answer may have made. Returns the outcome in words; does not throw. */
  async #undo(order: RegistrationOrder, signal: AbortSignal): Promise<string> {
    try {
      const runner = await this.#readBack(order, signal);
      if (runner === null) return 'GitHub lists no runner of this name';
      if (runner.online || runner.busy)
        return `a runner of this name (${runner.id}) is at work and was left alone`;
      return `it had been made as runner ${runner.id} and ${await this.#removal(runner, signal)}`;
    } catch (error) {
      return `whether it was made is unknown: ${githubError(error).message}`;
    }
  }

  /** Asks for the runner several times, because GitHub may list a new one a moment late. */
  async #readBack({ scope, runnerName }: RegistrationOrder, signal: AbortSignal): Promise<Runner | null> {
    for (const delay of this.#tuning.readBackDelays) {
      if (delay > 0) await this.#options.clock.sleep(delay, signal);
      const runner = await this.#runners.find(scope, runnerName, signal);
      if (runner !== null) return runner;
    }
    return null;
  }

  async #removal(runner: Runner, signal: AbortSignal): Promise<string> {
    try {
      const outcome = await this.#runners.remove(runner.scope, runner.id, signal);
      return outcome === 'gone' ? 'was removed' : 'GitHub now calls it busy: it was left alone';
    } catch (error) {
      return `may still exist: ${githubError(error).message}`;
    }
  }
}

function sealed(credential: Readonly<Record<string, unknown>>): Sealed {
  return new Secret(JSON.stringify({ version: 1, ...credential }));
}

/** Where runners register themselves: GitHub's own site, or the server that the API belongs to. */
function webUrl(options: GithubOptions): string {
  if (options.webUrl !== undefined) return options.webUrl.replace(/\/+$/, '');
  if (new URL(options.apiUrl).hostname === 'api.github.com') return 'https://github.com';
  return options.apiUrl.replace(/\/+$/, '').replace(/\/api\/v3$/, '');
}
