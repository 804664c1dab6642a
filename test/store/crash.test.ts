import { statSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';

import { systemClock } from '../../src/clock.ts';
import { openLedger, readLedger } from '../../src/store/ledger.ts';
import { numbered, numberOf } from '../contract/store.ts';
import { makeTempDirectory } from '../contract/tmp.ts';
import { nodeProgram, programPath } from '../support/program.ts';
import { until } from '../support/wait.ts';

interface Seen {
  readonly size: number;
  readonly inode: number;
}

const ABSENT: Seen = { size: -1, inode: -1 };

function see(path: string): Seen {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? ABSENT : { size: stats.size, inode: stats.ino };
}

/** When the writer is killed, once enough of its saves were durable: a moment that each of its saves has. */
interface Moment {
  readonly it: string;
  /** Looks again and again at the ledger and at the file beside it; `before` is the ledger when the looking began. */
  readonly has: (ledger: Seen, aside: Seen, before: Seen) => boolean;
}

const MOMENTS: readonly Moment[] = [
  { it: 'as soon as that was told', has: () => true },
  { it: 'once the next is begun', has: (_, aside) => aside.size >= 0 },
  { it: 'once some of the next is written', has: (_, aside) => aside.size > 0 },
  { it: 'once the next has taken its place', has: (ledger, _, before) => ledger.inode !== before.inode },
];

/** How many saves are durable before the kill. */
const SAVES = [1, 2, 3, 4, 6];

/** Lets a process save without pause, kills it, and gives the last number that it called durable. */
async function killWhileSaving(stateDir: string, saves: number, moment: Moment): Promise<number> {
  await using program = nodeProgram([programPath('save-forever.ts'), stateDir]);
  const told = (): readonly number[] => program.stdout.split('\n').slice(1, -1).map(Number);
  await until(`${saves} durable saves`, () => told().length >= saves);
  const path = join(stateDir, 'state.json');
  const before = see(path);
  // Too short to be looked for every so often.
  while (!moment.has(see(path), see(`${path}.next`), before)) await setImmediate();
  program.signal('SIGKILL');
  expect(await program.ended).toMatchObject({ signal: 'SIGKILL', stderr: '' });
  return told().at(-1) ?? 0;
}

describe('a ledger whose writer is killed', () => {
  it.each(MOMENTS)(
    'opens with a state at least as new as the last that was called durable: $it',
    async (moment) => {
      const stateDir = await makeTempDirectory();
      let newest = 0;
      for (const saves of SAVES) {
        const durable = await killWhileSaving(stateDir, saves, moment);
        expect(durable).toBeGreaterThanOrEqual(newest + saves);
        const found = numberOf(await readLedger(stateDir, systemClock));
        expect(found).toBeGreaterThanOrEqual(durable);
        // At most one write was under way.
        expect(found).toBeLessThanOrEqual(durable + 1);
        newest = found;
      }
    },
  );

  it('opens with the old state whatever part of the new one was written aside', async () => {
    const stateDir = await makeTempDirectory();
    const ledger = await openLedger(stateDir, systemClock);
    await ledger.save(numbered(2));
    const next = await readFile(join(stateDir, 'state.json'), 'utf8');
    await ledger.save(numbered(1));
    for (let length = 0; length <= next.length; length += 1) {
      await writeFile(join(stateDir, 'state.json.next'), next.slice(0, length));
      expect((await openLedger(stateDir, systemClock)).state).toEqual(numbered(1));
    }
    await (await openLedger(stateDir, systemClock)).save(numbered(3));
    expect(await readLedger(stateDir, systemClock)).toEqual(numbered(3));
  });
});
