/**
 * What is kept on disk in `STATE_DIR`: the ledger, the controller id, the drain flag and the lock. Files are replaced whole
 * and survive a power cut. Start with `openLedger`; `schema.ts` is the file's format, which is a promise to older and newer
 * versions.
 */

import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { hasCode } from '../core/errors.ts';
import type { State } from '../core/model.ts';
import { EMPTY_STATE } from '../core/model.ts';
import type { Clock, Store } from '../core/ports.ts';
import { carriedOver } from '../core/time/carry-over.ts';
import type { Instant } from '../core/time/instant.ts';
import { instantOf } from '../core/time/instant.ts';
import { LedgerError } from './errors.ts';
import { aside, replaceDurably } from './files.ts';
import { CURRENT_VERSION, migrate } from './migrate.ts';
import type { Saved } from './schema.ts';
import { ledgerFileOf, parseLedger } from './schema.ts';

/** `STATE_DIR/state.json`: one JSON object `{version, generation, clock, …State}`, mode 0600, always replaced whole. */
export class Ledger implements Store {
  readonly #path: string;
  readonly #clock: Clock;
  #saved: Saved;
  #newest: State;
  /** The next write, while it has not begun. Saves that come before it begins share it; it writes `#newest`. */
  #next: Promise<void> | null = null;
  /** Resolves when every write that was asked for is over. Never rejects. */
  #tail: Promise<void> = Promise.resolve();

  constructor(path: string, clock: Clock, saved: Saved) {
    this.#path = path;
    this.#clock = clock;
    this.#saved = saved;
    this.#newest = saved.state;
  }

  /** What is on the disk. */
  get state(): State {
    return this.#saved.state;
  }

  /**
   * Resolves once this state, or a newer one, is durable. A failed write rejects the saves that it was for and
   * leaves the old file whole; the next save tries again.
   */
  save(state: State): Promise<void> {
    this.#newest = state;
    this.#next ??= this.#enqueue();
    return this.#next;
  }

  #enqueue(): Promise<void> {
    const write = this.#tail.then(() => {
      this.#next = null;
      return this.#write(this.#newest);
    });
    this.#tail = write.catch(() => undefined);
    return write;
  }

  async #write(state: State): Promise<void> {
    const generation = this.#saved.generation + 1;
    const saved = { generation, clock: instantOf(this.#clock), state };
    const file = ledgerFileOf(CURRENT_VERSION, saved);
    // A faulty state is refused now, because the next start could not read it.
    const checked = parseLedger(file);
    if ('why' in checked) throw new TypeError(`This state cannot be saved: ${checked.why}`);
    await replaceDurably(this.#path, JSON.stringify(file));
    this.#saved = saved;
  }
}

/**
 * Opens the ledger to write it; hold the lock of `stateDir`. No file is the empty state.
 * Throws `LedgerError` when the file is there and cannot be used.
 */
export async function openLedger(stateDir: string, clock: Clock): Promise<Ledger> {
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const path = pathOf(stateDir);
  const saved = await readSaved(path, instantOf(clock));
  await rm(aside(path), { force: true });
  return new Ledger(path, clock, saved);
}

/** Reads the ledger for commands that change nothing, and so without the lock. Throws `LedgerError`. */
export async function readLedger(stateDir: string, clock: Clock): Promise<State> {
  return (await readSaved(pathOf(stateDir), instantOf(clock))).state;
}

function pathOf(stateDir: string): string {
  return join(stateDir, 'state.json');
}

/** What the file holds, with its times on the clock that says `now`. */
async function readSaved(path: string, now: Instant): Promise<Saved> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return { generation: 0, clock: now, state: EMPTY_STATE };
    throw new LedgerError('unreadable', path, 'reading it failed', error);
  }
  const migrated = migrate(parseObject(path, text), now);
  if (!migrated.ok) throw new LedgerError(migrated.code, path, migrated.why);
  const saved = parseLedger(migrated.file);
  if ('why' in saved) throw new LedgerError('corrupt', path, saved.why);
  return { ...saved, clock: now, state: carriedOver(saved.state, saved.clock, now) };
}

function parseObject(path: string, text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new LedgerError('corrupt', path, 'it is not valid JSON', error);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new LedgerError('corrupt', path, 'it holds no JSON object');
  }
  return { ...value };
}
