import { assert } from 'fast-check';
import { describe, expect, it } from 'vitest';

import { STOP_REASONS } from '../../src/core/model.ts';
import { SLOW } from '../support/wait.ts';
import { history } from './history.ts';
import { REGRESSIONS } from './regressions.ts';

/** `SIM_SEED` plays one again; without it every run hunts elsewhere. The name of the test tells which it was. */
const SEED = Number(process.env['SIM_SEED'] ?? Date.now() % 2 ** 31);
/** A mutant need only die: the smallest history that kills it is of no interest, nor the last one that does not. */
const hunting = process.env['MUTANT'] !== undefined;
const HISTORIES = hunting ? 400 : 1_000;

/** Every way to end, and what makes promises hard to keep. */
const KINDS: readonly string[] = [
  // A runner that is forgotten while a job needs it is rare: the tables have it.
  ...STOP_REASONS.filter((reason) => reason !== 'unregistered'),
  'adopt',
  'rename',
  'failed',
  'orphan-found',
  'refused',
  'theft',
  'a runner that was busy when asked to go',
  'a wall clock that was set',
  'another boot',
];

// It computes and waits for nothing, so a busy machine alone decides how long it takes.
describe('any history', SLOW, () => {
  it(`keeps its promises, and settles once the world does (seed ${SEED})`, () => {
    expect(() =>
      assert(history(), {
        numRuns: HISTORIES,
        seed: SEED,
        endOnFailure: hunting,
        includeErrorInReport: true,
      }),
    ).not.toThrow();
  });

  it.each(REGRESSIONS)('$seed: $told', ({ seed }) => {
    expect(() =>
      assert(history(), { numRuns: 100, seed, endOnFailure: true, includeErrorInReport: true }),
    ).not.toThrow();
  });

  it.skipIf(hunting)('is one of many kinds: each of these is met by some', () => {
    const met = new Set<string>();
    const run = history((controller) => {
      for (const what of controller.met) met.add(what);
    });
    expect(() => assert(run, { numRuns: 400, seed: 1, includeErrorInReport: true })).not.toThrow();
    expect([...met]).toEqual(expect.arrayContaining([...KINDS]));
  });
});
