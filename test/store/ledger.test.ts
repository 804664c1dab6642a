import { copyFile, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import type { State } from '../../src/core/model.ts';
import { EMPTY_STATE } from '../../src/core/model.ts';
import { carriedOver } from '../../src/core/time/carry-over.ts';
import { instantOf, wallInstant } from '../../src/core/time/instant.ts';
import { LedgerError } from '../../src/store/errors.ts';
import { openLedger, readLedger } from '../../src/store/ledger.ts';
import { CURRENT_VERSION } from '../../src/store/migrate.ts';
import { ledgerFileOf } from '../../src/store/schema.ts';
import { numbered } from '../contract/store.ts';
import { makeTempDirectory } from '../contract/tmp.ts';
import { HOUR, NOW, WALL } from '../support/builders.ts';
import { TestClock } from '../support/clock.ts';
import { fullState } from './states.ts';

const clock = new TestClock();
const now = instantOf(clock);
const VALID = { ...ledgerFileOf(CURRENT_VERSION, { generation: 3, clock: now, state: EMPTY_STATE }) };

/** Written by the versions of the program that wrote such ledgers, with `fullState(3)`. Never to be written anew. */
function olderLedger(version: number): string {
  return join(import.meta.dirname, `ledgers/version-${version}.json`);
}

/** Every kind of entry, with times of this boot. */
const FULL = carriedOver(fullState(3), wallInstant(WALL), now);

/** A file's content, with names in the place of values. */
function namesIn(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(namesIn);
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, namesIn(inner)]));
}

describe('ledger', () => {
  it('gives back every kind of entry as it was', async () => {
    const stateDir = await makeTempDirectory();
    await (await openLedger(stateDir, clock)).save(FULL);
    expect((await openLedger(stateDir, clock)).state).toEqual(FULL);
    expect(await readLedger(stateDir, clock)).toEqual(FULL);
  });

  it.each([1, 2])('reads a ledger of version %i, and writes the same names and a clock', async (version) => {
    const stateDir = await makeTempDirectory();
    await copyFile(olderLedger(version), join(stateDir, 'state.json'));
    const ledger = await openLedger(stateDir, clock);
    // What failed and what is held was not told apart by class, shape and scope, nor what GitHub answered by scope.
    const none = { failures: [], ghosts: [], suspects: [], given: [], answeredAt: {} };
    const state: State = {
      ...FULL,
      ...none,
      claimed: FULL.claimed.map((one) => Object.assign(structuredClone(one), { endedAt: null })),
      instances: FULL.instances.map((one) =>
        Object.assign(structuredClone(one), { refusedAt: null, overSince: null }),
      ),
    };
    expect(ledger.state).toEqual(state);
    await ledger.save(state);
    const written: unknown = JSON.parse(await readFile(join(stateDir, 'state.json'), 'utf8'));
    expect(written).toMatchObject({ version: 3, generation: 2, clock: now });
    expect(namesIn(written)).toEqual(
      namesIn(ledgerFileOf(CURRENT_VERSION, { generation: 2, clock: now, state })),
    );
  });

  it('leaves a running job the rest of its time, over an upgrade in the same boot', async () => {
    const stateDir = await makeTempDirectory();
    const { instances } = JSON.parse(await readFile(olderLedger(2), 'utf8')) as State;
    await copyFile(olderLedger(2), join(stateDir, 'state.json'));
    const [one] = (await openLedger(stateDir, clock)).state.instances;
    expect(one?.phase).toBe('busy');
    expect(NOW - (one?.since ?? 0)).toBe(WALL - (instances[0]?.since ?? 0));
  });

  it('keeps its times over restarts in a boot, whatever is done to the wall clock', async () => {
    const stateDir = await makeTempDirectory();
    await (await openLedger(stateDir, clock)).save(FULL);
    const later = new TestClock();
    later.skew = -5 * HOUR;
    later.advance(HOUR);
    expect((await openLedger(stateDir, later)).state).toEqual(FULL);
    expect(await readLedger(stateDir, later)).toEqual(FULL);
  });

  it('brings them to the clock of another boot, and writes that', async () => {
    const stateDir = await makeTempDirectory();
    await (await openLedger(stateDir, clock)).save(FULL);
    const next = new TestClock();
    next.boot = 'the-next';
    next.advance(HOUR);
    const is = carriedOver(FULL, now, instantOf(next));
    const ledger = await openLedger(stateDir, next);
    expect(ledger.state).toEqual(is);
    next.advance(HOUR);
    await ledger.save(is);
    expect(JSON.parse(await readFile(join(stateDir, 'state.json'), 'utf8'))).toMatchObject({
      clock: instantOf(next),
      answeredAt: is.answeredAt,
    });
    expect(await readLedger(stateDir, next)).toEqual(is);
  });

  it('is one file of mode 0600 that counts its writes over restarts', async () => {
    const stateDir = join(await makeTempDirectory(), 'state');
    await (await openLedger(stateDir, clock)).save(numbered(1));
    await (await openLedger(stateDir, clock)).save(numbered(2));
    expect(await readdir(stateDir)).toEqual(['state.json']);
    const path = join(stateDir, 'state.json');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(
      ledgerFileOf(CURRENT_VERSION, { generation: 2, clock: now, state: numbered(2) }),
    );
  });

  it('makes one write of saves that come while another is written', async () => {
    const stateDir = await makeTempDirectory();
    const ledger = await openLedger(stateDir, clock);
    await Promise.all(Array.from({ length: 100 }, (_, n) => ledger.save(numbered(n))));
    expect(JSON.parse(await readFile(join(stateDir, 'state.json'), 'utf8'))).toMatchObject({
      generation: 1,
      answeredAt: numbered(99).answeredAt,
    });
  });

  it('is only read by those who only look', async () => {
    const stateDir = join(await makeTempDirectory(), 'state');
    expect(await readLedger(stateDir, clock)).toEqual(EMPTY_STATE);
    await expect(stat(stateDir)).rejects.toMatchObject({ code: 'ENOENT' });
    await mkdir(stateDir);
    await writeFile(join(stateDir, 'state.json.next'), 'half');
    await readLedger(stateDir, clock);
    expect(await readdir(stateDir)).toEqual(['state.json.next']);
  });

  it('ignores and removes what a crash left aside', async () => {
    const stateDir = await makeTempDirectory();
    await (await openLedger(stateDir, clock)).save(numbered(1));
    await writeFile(join(stateDir, 'state.json.next'), JSON.stringify({ ...VALID, answeredAt: 2 }), {
      mode: 0o644,
    });
    expect((await openLedger(stateDir, clock)).state).toEqual(numbered(1));
    expect(await readdir(stateDir)).toEqual(['state.json']);
  });

  it('rejects the saves of a write that failed, keeps the old file, and tries again with the next', async () => {
    const stateDir = await makeTempDirectory();
    const ledger = await openLedger(stateDir, clock);
    await ledger.save(numbered(1));
    // A directory in the place of the aside file: no write can begin, whoever runs this.
    const blocked = join(stateDir, 'state.json.next');
    await mkdir(blocked);
    const failed = await Promise.allSettled([ledger.save(numbered(2)), ledger.save(numbered(3))]);
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(ledger.state).toEqual(numbered(1));
    expect(await readLedger(stateDir, clock)).toEqual(numbered(1));
    await rm(blocked, { recursive: true });
    await ledger.save(numbered(4));
    expect(await readLedger(stateDir, clock)).toEqual(numbered(4));
  });

  it('refuses to save what it could not read again', async () => {
    const stateDir = await makeTempDirectory();
    const ledger = await openLedger(stateDir, clock);
    await ledger.save(numbered(1));
    await expect(ledger.save(numbered(Number.NaN))).rejects.toThrow('answeredAt');
    expect(await readLedger(stateDir, clock)).toEqual(numbered(1));
  });

  it.each([
    ['nothing', '', 'corrupt', 'not valid JSON'],
    ['half of it', JSON.stringify(VALID).slice(0, 60), 'corrupt', 'not valid JSON'],
    ['a list', '[]', 'corrupt', 'no JSON object'],
    ['null', 'null', 'corrupt', 'no JSON object'],
    ['no version', JSON.stringify({ ...VALID, version: undefined }), 'corrupt', '"version"'],
    ['a newer version', JSON.stringify({ version: 4, other: 1 }), 'newer', 'version 4, and 3 is the newest'],
    ['no clock', JSON.stringify({ ...VALID, clock: undefined }), 'corrupt', 'clock'],
    ['an unknown key', JSON.stringify({ ...VALID, more: 1 }), 'corrupt', 'more'],
    ['a missing key', JSON.stringify({ ...VALID, debts: undefined }), 'corrupt', 'debts'],
    ['a wrong entry', JSON.stringify({ ...VALID, ghosts: [{ jobId: 'x' }] }), 'corrupt', 'ghosts.0.jobId'],
    [
      'an unknown phase',
      JSON.stringify({ ...VALID, instances: [{ phase: 'lost' }] }),
      'corrupt',
      'instances.0',
    ],
  ])('refuses a file with %s, says where and what to do, and leaves it', async (_what, text, code, why) => {
    const stateDir = await makeTempDirectory();
    const path = join(stateDir, 'state.json');
    await writeFile(path, text);
    for (const open of [openLedger, readLedger]) {
      const error: unknown = await open(stateDir, clock).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(LedgerError);
      expect(error).toMatchObject({ code });
      expect(String(error)).toContain(path);
      expect(String(error)).toContain(why);
      expect(String(error)).toContain('move');
    }
    expect(await readFile(path, 'utf8')).toBe(text);
  });

  it('refuses what cannot be read', async () => {
    const stateDir = await makeTempDirectory();
    await mkdir(join(stateDir, 'state.json'));
    await expect(openLedger(stateDir, clock)).rejects.toMatchObject({ code: 'unreadable' });
  });
});
