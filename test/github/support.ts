import assert from 'node:assert/strict';

import { GithubError } from '../../src/core/errors.ts';
import type { Clock, Github, Sealed } from '../../src/core/ports.ts';
import { createGithub } from '../../src/github/client.ts';
import type { GithubOptions, Log } from '../../src/github/options.ts';
import type { Tuning } from '../../src/github/tuning.ts';
import type { SimulatorOptions } from '../../src/simulator/options.ts';
import { SimulatorServer } from '../../src/simulator/server.ts';
import { checkRequest } from '../simulator/openapi.ts';
import type { ScriptedAnswer } from '../support/scripted-server.ts';

export const TOKEN = 'fake-token';

export function sealed(text: string): Sealed {
  return { reveal: () => text };
}

/** Starts at real time, as the simulated GitHub does. A sleep takes no time but moves the clock. */
export class LeapingClock implements Clock {
  readonly boot = 'this-boot';
  #now = Date.now();
  readonly slept: number[] = [];

  now(): number {
    return this.#now;
  }

  wall(): number {
    return this.#now;
  }

  advance(ms: number): void {
    this.#now += ms;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      // Only once everybody else has gone as far as they can.
      setImmediate(() => {
        if (!signal.aborted) {
          this.slept.push(ms);
          this.#now += ms;
        }
        resolve();
      });
    });
  }
}

/** Stands still: a sleep ends with its signal only. `asleep` resolves once somebody sleeps. */
export class StoppedClock implements Clock {
  readonly boot = 'this-boot';
  readonly asleep: Promise<void>;
  #fellAsleep: () => void = () => undefined;
  readonly #at = Date.now();

  constructor() {
    this.asleep = new Promise((resolve) => {
      this.#fellAsleep = resolve;
    });
  }

  now(): number {
    return this.#at;
  }

  wall(): number {
    return this.#at;
  }

  sleep(_ms: number, signal: AbortSignal): Promise<void> {
    this.#fellAsleep();
    return new Promise((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }
}

interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface Client {
  readonly github: Github;
  readonly clock: LeapingClock;
  readonly logged: LogLine[];
}

/** What an attempt may take where the server never answers; elsewhere a busy machine must not look like a hang. */
export const IMPATIENT: Partial<Tuning> = { requestTimeout: 500 };

/** A client of `o/r` whose waits take no time. */
export function clientOf(
  url: string,
  more: Partial<GithubOptions> = {},
  tuning: Partial<Tuning> = {},
): Client {
  const clock = new LeapingClock();
  const logged: LogLine[] = [];
  const log: Log = (level, message, fields) => logged.push({ level, message, fields });
  const github = createGithub({ ...optionsOf(url), clock, log, ...more, tuning });
  return { github, clock, logged };
}

/** What a client of `o/r` is made of: it logs nothing, and its waits take no time. */
export function optionsOf(url: string): GithubOptions {
  return {
    scopes: ['o/r'],
    apiUrl: url,
    readToken: () => ({ token: sealed(TOKEN), generation: 1 }),
    registration: 'jit',
    runnerGroup: 'Default',
    clock: new LeapingClock(),
    random: () => 0.5,
    log: () => undefined,
    version: '9.9.9',
  };
}

/** A simulated GitHub that holds every answered against GitHub's own description, and says so when it is disposed. */
class CheckedSimulator extends SimulatorServer {
  readonly #complaints: readonly string[];

  constructor(options: SimulatorOptions, complaints: string[] = []) {
    super({
      ...options,
      onAnswer: ({ faulted, status, responseBody, ...request }) => {
        complaints.push(...checkRequest(faulted ? request : { ...request, status, responseBody }));
      },
    });
    this.#complaints = complaints;
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
    // Requests that were under way together meet a limit together; tests of tuning count what comes after.
    const violations = this.history.violations.filter(({ kind }) => kind !== 'request-during-limit');
    assert.deepEqual([...this.#complaints, ...violations], []);
  }
}

export async function openSimulator(options: SimulatorOptions = {}): Promise<SimulatorServer> {
  const simulator = new CheckedSimulator(options);
  await simulator.listen();
  return simulator;
}

export function never(): AbortSignal {
  return new AbortController().signal;
}

/** The error that a call fails with; fails itself when the call succeeds or fails otherwise. */
export async function failureOf(call: Promise<unknown>): Promise<GithubError> {
  const outcome = await call.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ('error' in outcome && outcome.error instanceof GithubError) return outcome.error;
  throw new Error('expected a GithubError', { cause: outcome });
}

/** What GitHub answers for a repository in which nothing happens. */
export function quiet(url: string): ScriptedAnswer {
  return {
    body: url.includes('/runners') ? { total_count: 0, runners: [] } : { total_count: 0, workflow_runs: [] },
  };
}

export function isRunList(url: string): boolean {
  return url.includes('/actions/runs?');
}
