import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openLedger, readLedger } from '../../src/store/ledger.ts';
import { numbered } from '../contract/store.ts';
import { makeTempDirectory } from '../contract/tmp.ts';

const PROGRAM = fileURLToPath(new URL('programs/save-forever.ts', import.meta.url));

/** Lets a process save without pause, kills it after `ms`, and gives the last number that it called durable. */
async function killWhileSaving(stateDir: string, ms: number): Promise<number> {
  const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, stateDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  await once(lines, 'line');
  let durable = 0;
  lines.on('line', (line) => (durable = Number(line)));
  // Not a wait for something: the moment of the crash, different each time.
  await delay(ms);
  child.kill('SIGKILL');
  await Promise.all([once(child, 'exit'), once(lines, 'close')]);
  return durable;
}

describe('a ledger whose writer is killed', () => {
  it('opens with a state at least as new as the last that was called durable', async () => {
    const stateDir = await makeTempDirectory();
    let newest = 0;
    for (let n = 0; n < 20; n += 1) {
      const durable = Math.max(newest, await killWhileSaving(stateDir, 5 + Math.random() * 60));
      const found = (await readLedger(stateDir)).answeredAt ?? 0;
      expect(found).toBeGreaterThanOrEqual(durable);
      // At most one write was under way.
      expect(found).toBeLessThanOrEqual(durable + 1);
      newest = found;
    }
    expect(newest).toBeGreaterThan(20);
  }, 60_000);

  it('opens with the old state whatever part of the new one was written aside', async () => {
    const stateDir = await makeTempDirectory();
    const ledger = await openLedger(stateDir);
    await ledger.save(numbered(2));
    const next = await readFile(join(stateDir, 'state.json'), 'utf8');
    await ledger.save(numbered(1));
    for (let length = 0; length <= next.length; length += 1) {
      await writeFile(join(stateDir, 'state.json.next'), next.slice(0, length));
      expect((await openLedger(stateDir)).state).toEqual(numbered(1));
    }
    await (await openLedger(stateDir)).save(numbered(3));
    expect(await readLedger(stateDir)).toEqual(numbered(3));
  });
});
