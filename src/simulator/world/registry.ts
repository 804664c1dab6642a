import { HttpFailure } from './failure.ts';
import type { Repo, Runner, RunnerLabel } from './model.ts';
import { hex } from './random.ts';
import { advanceRun, withdrawOffers } from './runs.ts';
import type { World } from './world.ts';

const TOKEN_LIFE_MS = 60 * 60_000;
const MAX_NAME = 64;
const MAX_LABELS = 100;
/** At repository level there is one runner group, the default one. */
const DEFAULT_GROUP = 1;
const DEFAULT_LABELS = ['self-hosted', 'Linux', 'X64'];

export type TokenKind = 'registration' | 'remove';
type IssuedToken = { readonly kind: TokenKind; readonly repo: Repo; readonly expiresAt: number };

export type Registration = {
  readonly name: string;
  readonly labels: readonly string[];
  readonly ephemeral: boolean;
  /** Leave out `self-hosted`, OS and architecture, as `config.sh --no-default-labels` does. */
  readonly noDefaultLabels: boolean;
};

/**
 * Makes and removes runner records as the REST API does, and issues the tokens with which a machine registers itself.
 */
export class Registry {
  readonly #world: World;
  readonly #tokens = new Map<string, IssuedToken>();

  constructor(world: World) {
    this.#world = world;
  }

  /** A token that works any number of times for one virtual hour, only for its repository. */
  issueToken(kind: TokenKind, repo: Repo): { token: string; expiresAt: number } {
    const token = `A${hex(this.#world.noise, 28).toUpperCase()}`;
    const expiresAt = this.#world.now() + TOKEN_LIFE_MS;
    this.#tokens.set(token, { kind, repo, expiresAt });
    return { token, expiresAt };
  }

  /** What generate-jitconfig does: an offline ephemeral record, there at once. */
  createJit(repo: Repo, body: { name: string; runner_group_id: number; labels: readonly string[] }): Runner {
    if (body.runner_group_id !== DEFAULT_GROUP) throw new HttpFailure(404, 'Not Found');
    const labels = body.labels.map((name): RunnerLabel => ({ name, type: 'custom' }));
    return this.#create(repo, body.name, labels, true, 'jit');
  }

  /** What `config.sh --url --token` does. */
  register(repo: Repo, token: string, wanted: Registration): Runner {
    const issued = this.#tokens.get(token);
    const valid =
      issued?.kind === 'registration' && issued.repo === repo && issued.expiresAt > this.#world.now();
    if (!valid) throw new HttpFailure(401, 'Invalid or expired registration token');
    const custom = wanted.labels.map((name): RunnerLabel => ({ name, type: 'custom' }));
    const given = wanted.noDefaultLabels ? [] : DEFAULT_LABELS;
    const own = given
      .filter((name) => !custom.some((label) => label.name.toLowerCase() === name.toLowerCase()))
      .map((name): RunnerLabel => ({ name, type: 'read-only' }));
    return this.#create(repo, wanted.name, [...own, ...custom], wanted.ephemeral, 'token');
  }

  /** The record, or the 404 GitHub would give. */
  find(repo: Repo, id: number): Runner {
    const runner = this.#world.runners.get(id);
    if (runner === undefined || runner.repo !== repo || runner.removal !== null)
      throw new HttpFailure(404, 'Not Found');
    return runner;
  }

  /** Removes an idle record and with it its session; refuses a busy one. */
  delete(repo: Repo, id: number): void {
    const runner = this.find(repo, id);
    const decidable = runner.offer !== null && this.#world.switches.deleteInFlight === 'idle';
    if (runner.job !== null || runner.spentAt !== null || (runner.offer !== null && !decidable)) {
      throw new HttpFailure(
        422,
        `Bad request - Runner "${runner.name}" is currently running a job and cannot be deleted.`,
      );
    }
    const job = runner.offer?.job;
    if (job !== undefined) withdrawOffers(this.#world, job);
    this.#world.removeRunner(runner, 'deleted');
    if (job !== undefined) advanceRun(this.#world, job.run);
    this.#world.changed();
  }

  #create(
    repo: Repo,
    name: string,
    labels: readonly RunnerLabel[],
    ephemeral: boolean,
    mode: 'jit' | 'token',
  ): Runner {
    const world = this.#world;
    if (name.length === 0 || name.length > MAX_NAME) {
      throw new HttpFailure(422, 'Validation Failed', {
        details: [`name must have 1 to ${MAX_NAME} characters`],
      });
    }
    if (
      labels.length === 0 ||
      labels.length > MAX_LABELS ||
      labels.some((label) => label.name.length > 256)
    ) {
      throw new HttpFailure(422, 'Validation Failed', {
        details: ['labels must be 1 to 100, each at most 256 characters'],
      });
    }
    const inUse = [...world.liveRunners].some(
      (runner) => runner.repo === repo && runner.name.toLowerCase() === name.toLowerCase(),
    );
    if (inUse) throw new HttpFailure(409, 'Already exists - A runner with the name *** already exists.');
    const clientId = [8, 4, 4, 4, 12].map((length) => hex(world.noise, length)).join('-');
    const runner = world.addRunner({ repo, name, labels, ephemeral, mode, clientId });
    world.changed();
    return runner;
  }
}
