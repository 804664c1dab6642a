import { copyFile, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { EMPTY_STATE } from '../../src/core/model.ts';
import { LedgerError } from '../../src/store/errors.ts';
import { openLedger, readLedger } from '../../src/store/ledger.ts';
import { CURRENT_VERSION } from '../../src/store/migrate.ts';
import { ledgerFileOf } from '../../src/store/schema.ts';
import { numbered } from '../contract/store.ts';
import { makeTempDirectory } from '../contract/tmp.ts';
import { fullState } from './states.ts';

const VALID = { ...ledgerFileOf(CURRENT_VERSION, { generation: 3, state: EMPTY_STATE }) };
/** Written by the first version of the program that wrote ledgers, with `fullState(3)`. Never to be written anew. */
const FIRST_LEDGER = join(import.meta.dirname, 'ledgers/version-1.json');

describe('ledger', () => {
  it('gives back every kind of entry as it was', async () => {
    const stateDir = await makeTempDirectory();
    await (await openLedger(stateDir)).save(fullState(3));
    expect((await openLedger(stateDir)).state).toEqual(fullState(3));
    expect(await readLedger(stateDir)).toEqual(fullState(3));
  });

  it('reads a ledger that the first version wrote, and writes the same names', async () => {
    const stateDir = await makeTempDirectory();
    await copyFile(FIRST_LEDGER, join(stateDir, 'state.json'));
    const ledger = await openLedger(stateDir);
    // What failed and what is held was told by less than is needed now, and is forgotten.
    const state = { ...fullState(3), failures: [], suspects: [], ghosts: [], given: [] };
    expect(ledger.state).toEqual(state);
    await ledger.save(state);
    const first: unknown = JSON.parse(await readFile(FIRST_LEDGER, 'utf8'));
    expect(JSON.parse(await readFile(join(stateDir, 'state.json'), 'utf8'))).toEqual({
      ...(first as object),
      version: 3,
      generation: 2,
      failures: [],
      suspects: [],
      ghosts: [],
      given: [],
      taken: ledgerFileOf(CURRENT_VERSION, { generation: 2, state })['taken'],
    });
  });

  it('is one file of mode 0600 that counts its writes over restarts', async () => {
    const stateDir = join(await makeTempDirectory(), 'state');
    await (await openLedger(stateDir)).save(numbered(1));
    await (await openLedger(stateDir)).save(numbered(2));
    expect(await readdir(stateDir)).toEqual(['state.json']);
    const path = join(stateDir, 'state.json');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(
      ledgerFileOf(CURRENT_VERSION, { generation: 2, state: numbered(2) }),
    );
  });

  it('makes one write of saves that come while another is written', async () => {
    const stateDir = await makeTempDirectory();
    const ledger = await openLedger(stateDir);
    await Promise.all(Array.from({ length: 100 }, (_, n) => ledger.save(numbered(n))));
    expect(JSON.parse(await readFile(join(stateDir, 'state.json'), 'utf8'))).toMatchObject({
      generation: 1,
      answeredAt: 99,
    });
  });

  it('is only read by those who only look', async () => {
    const stateDir = join(await makeTempDirectory(), 'state');
    expect(await readLedger(stateDir)).toEqual(EMPTY_STATE);
    await expect(stat(stateDir)).rejects.toMatchObject({ code: 'ENOENT' });
    await mkdir(stateDir);
    await writeFile(join(stateDir, 'state.json.next'), 'half');
    await readLedger(stateDir);
    expect(await readdir(stateDir)).toEqual(['state.json.next']);
  });

  it('ignores and removes what a crash left aside', async () => {
    const stateDir = await makeTempDirectory();
    await (await openLedger(stateDir)).save(numbered(1));
    await writeFile(join(stateDir, 'state.json.next'), JSON.stringify({ ...VALID, answeredAt: 2 }), {
      mode: 0o644,
    });
    expect((await openLedger(stateDir)).state).toEqual(numbered(1));
    expect(await readdir(stateDir)).toEqual(['state.json']);
  });

  it('rejects the saves of a write that failed, keeps the old file, and tries again with the next', async () => {
    const stateDir = await makeTempDirectory();
    const ledger = await openLedger(stateDir);
    await ledger.save(numbered(1));
    // A directory in the place of the aside file: no write can begin, whoever runs this.
    const blocked = join(stateDir, 'state.json.next');
    await mkdir(blocked);
    const failed = await Promise.allSettled([ledger.save(numbered(2)), ledger.save(numbered(3))]);
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(ledger.state).toEqual(numbered(1));
    expect(await readLedger(stateDir)).toEqual(numbered(1));
    await rm(blocked, { recursive: true });
    await ledger.save(numbered(4));
    expect(await readLedger(stateDir)).toEqual(numbered(4));
  });

  it('refuses to save what it could not read again', async () => {
    const stateDir = await makeTempDirectory();
    const ledger = await openLedger(stateDir);
    await ledger.save(numbered(1));
    await expect(ledger.save(numbered(Number.NaN))).rejects.toThrow('answeredAt');
    expect(await readLedger(stateDir)).toEqual(numbered(1));
  });

  it.each([
    ['nothing', '', 'corrupt', 'not valid JSON'],
    ['half of it', JSON.stringify(VALID).slice(0, 60), 'corrupt', 'not valid JSON'],
    ['a list', '[]', 'corrupt', 'no JSON object'],
    ['null', 'null', 'corrupt', 'no JSON object'],
    ['no version', JSON.stringify({ ...VALID, version: undefined }), 'corrupt', '"version"'],
    ['a newer version', JSON.stringify({ version: 4, other: 1 }), 'newer', 'version 4, and 3 is the newest'],
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
      const error: unknown = await open(stateDir).catch((thrown: unknown) => thrown);
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
    await expect(openLedger(stateDir)).rejects.toMatchObject({ code: 'unreadable' });
  });
});
