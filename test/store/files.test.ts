import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { systemClock } from '../../src/clock.ts';
import { loadControllerId } from '../../src/store/controller-id.ts';
import { setDraining } from '../../src/store/drain.ts';
import { openLedger } from '../../src/store/ledger.ts';
import { numbered } from '../contract/store.ts';
import { makeTempDirectory } from '../contract/tmp.ts';
import { canTrace, traceFileCalls } from './system-calls.ts';

/** What a real save does to the disk, a file as its name within the state directory. */
async function callsOf(work: (stateDir: string) => Promise<void>): Promise<readonly string[]> {
  const stateDir = await makeTempDirectory();
  const log = join(await makeTempDirectory(), 'strace.log');
  const calls = await traceFileCalls(() => work(stateDir), stateDir, log);
  return calls.map(({ name, path }) => {
    const file = path.slice(stateDir.length + 1).replace(/^(controller-id)\.[a-z0-9]+\.next$/, '$1.next');
    return `${name} ${file === '' ? 'the directory' : file}`;
  });
}

describe.skipIf(!(await canTrace()))('the disk gets the bytes, then the name, then its directory', () => {
  it('of a ledger', async () => {
    const calls = await callsOf(async (stateDir) =>
      (await openLedger(stateDir, systemClock)).save(numbered(1)),
    );
    expect(calls).toEqual([
      'write state.json.next',
      'fsync state.json.next',
      'rename state.json',
      'fsync the directory',
    ]);
  });

  it('of a drain flag, and without the name when it is cleared', async () => {
    const calls = await callsOf(async (stateDir) => {
      await setDraining(stateDir, true);
      await setDraining(stateDir, false);
    });
    expect(calls).toEqual([
      'fsync draining.next',
      'rename draining',
      'fsync the directory',
      'unlink draining',
      'fsync the directory',
    ]);
  });

  it('of a controller id, which replaces none', async () => {
    const calls = await callsOf(async (stateDir) => {
      await loadControllerId(stateDir);
    });
    expect(calls).toEqual([
      'write controller-id.next',
      'fsync controller-id.next',
      'link controller-id',
      'unlink controller-id.next',
      'fsync the directory',
    ]);
  });
});
