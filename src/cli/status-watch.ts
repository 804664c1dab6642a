import { setTimeout as sleep } from 'node:timers/promises';

import { clean, durationText } from '../core/text.ts';
import type { Status } from '../http/schema.ts';
import type { Endpoint } from './call.ts';
import { fetchStatus } from './call.ts';
import type { Io } from './io.ts';
import { CommandFailure, EXIT } from './io.ts';
import { statusLines } from './status-page.ts';
import { LiveLines } from './terminal/live.ts';
import { Terminal } from './terminal/terminal.ts';
import { saying } from './waiting.ts';

const WATCH_EVERY = 2_000;

interface Answered {
  readonly status: Status;
  readonly at: number;
}

/** Since when there was no status, and why the last question failed. */
interface Lost {
  readonly since: number;
  readonly why: string;
}

/**
 * Asks for the status until interrupted. A controller that answered once may go away and come back, as in a restart;
 * one that never answered is a failure.
 */
export class StatusWatch {
  readonly #io: Io;
  readonly #place: Endpoint;
  readonly #json: boolean;
  readonly #terminal: Terminal;
  /** Null where lines follow each other instead. */
  readonly #live: LiveLines | null;
  #answered: Answered | null = null;
  #lost: Lost | null = null;
  #hasShown = false;

  constructor(io: Io, place: Endpoint, json: boolean) {
    this.#io = io;
    this.#place = place;
    this.#json = json;
    this.#terminal = new Terminal(io);
    this.#live = this.#terminal.drawsInPlace && !json ? new LiveLines(this.#terminal) : null;
  }

  async untilInterrupted(): Promise<number> {
    const { signal } = this.#io;
    while (!signal.aborted) {
      await this.#look();
      await sleep(WATCH_EVERY, undefined, { signal }).catch(() => undefined);
    }
    return EXIT.ok;
  }

  async #look(): Promise<void> {
    const { signal } = this.#io;
    try {
      const asked = fetchStatus(this.#place, signal);
      const status = await saying({ err: (line) => this.#say(line) }, 'the controller', asked);
      if (this.#lost !== null && this.#live === null) this.#io.err('the controller answers again');
      this.#lost = null;
      this.#answered = { status, at: Date.now() };
      this.#show(this.#answered);
    } catch (error) {
      if (signal.aborted) return;
      const isLost = error instanceof CommandFailure && error.exitCode === EXIT.unreachable;
      if (!isLost || this.#answered === null) throw error;
      this.#lose(this.#answered, error.message);
    }
  }

  #show({ status, at }: Answered): void {
    if (this.#json) this.#io.out(JSON.stringify(status));
    else if (this.#live === null) {
      if (this.#hasShown) this.#io.out('');
      this.#hasShown = true;
      for (const line of statusLines(status, at, this.#terminal)) this.#io.out(line);
    } else this.#live.draw(statusLines(status, at, this.#terminal));
  }

  #lose(answered: Answered, message: string): void {
    const isNew = this.#lost === null;
    this.#lost = { since: this.#lost?.since ?? Date.now(), why: clean(message, 300) };
    if (this.#live !== null) this.#draw(answered, this.#lostLines(this.#lost));
    else if (isNew)
      this.#io.err(`no status since ${timeOf(this.#lost.since)}, trying again: ${this.#lost.why}`);
  }

  #lostLines({ since, why }: Lost): readonly string[] {
    const length = durationText(Date.now() - since);
    return [
      this.#terminal.paint('red', `no status since ${timeOf(since)}, ${length} now; trying again`),
      why,
    ];
  }

  #say(line: string): void {
    if (this.#live === null || this.#answered === null) this.#io.err(line);
    else this.#draw(this.#answered, this.#lost === null ? [line] : this.#lostLines(this.#lost));
  }

  /** What was known last, below what is wrong. */
  #draw({ status, at }: Answered, wrong: readonly string[]): void {
    this.#live?.draw([...wrong, '', ...statusLines(status, at, this.#terminal)]);
  }
}

/** RFC 3339 in whole seconds, UTC. */
function timeOf(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
}
