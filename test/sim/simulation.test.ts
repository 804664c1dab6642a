import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { draws, MINUTE, NOW } from '../support/builders.ts';
import { Controller } from './controller.ts';
import { leftOver } from './promises.ts';
import { REGRESSIONS } from './regressions.ts';
import { play, policies, SCOPES, step, tick } from './steps.ts';
import { World } from './world.ts';

const HISTORIES = 1_000;
/** A job of forty minutes, a ghost's two time-outs, a refused debt and a back-off, one after the other. */
const TICKS_TO_SETTLE = 240;
/** `SIM_SEED` plays one again; without it every run hunts elsewhere. The name of the test tells which it was. */
const SEED = Number(process.env['SIM_SEED'] ?? Date.now() % 2 ** 31);

const history = fc.property(
  fc.array(step, { minLength: 20, maxLength: 80, size: 'max' }),
  policies,
  fc.integer({ min: 1, max: 2 ** 31 - 1 }),
  (steps, policy, seed) => {
    const random = draws(seed);
    const world = new World(NOW, random);
    const controller = new Controller(world, policy, SCOPES, random);
    for (const one of steps) play(world, controller, one);
    settle(world, controller);
  },
);

/** No more jobs, failures or lies; what is there must come to rest, and in bounded time. */
function settle(world: World, controller: Controller): void {
  controller.trouble = 0;
  controller.draining = false;
  let left: readonly string[] = ['nothing was tried'];
  for (let n = 0; n < TICKS_TO_SETTLE && left.length > 0; n += 1) {
    play(world, controller, { do: 'poll', blind: 'nothing', lag: 0, blindHost: false, cutOff: false });
    for (let steps = 0; steps < 200 && controller.flights.length > 0; steps += 1) {
      play(world, controller, { do: 'advance', at: steps });
      if (steps % 4 === 3) world.pass(15_000, 1);
    }
    controller.lookAtHost(false);
    tick(world, controller, false);
    world.pass(n < 20 ? MINUTE / 4 : MINUTE, 1);
    left = leftOver(world, controller);
  }
  expect(left, 'it never settles').toEqual([]);
}

const hunting = process.env['MUTANT'] !== undefined;

describe('any history', () => {
  it(`keeps its promises, and settles once the world does (seed ${SEED})`, () => {
    fc.assert(history, { numRuns: HISTORIES, seed: SEED, endOnFailure: hunting });
  });

  it.each(REGRESSIONS)('$seed: $told', ({ seed }) => {
    fc.assert(history, { numRuns: 200, seed, endOnFailure: true });
  });
});
