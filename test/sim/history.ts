import { array, integer, property } from 'fast-check';
import { expect } from 'vitest';

import type { Policy } from '../../src/core/policy.ts';
import { draws, MINUTE, SECOND, WALL } from '../support/builders.ts';
import { Controller } from './controller.ts';
import { leftOver } from './promises.ts';
import type { Step } from './steps.ts';
import { play, policies, SCOPES, step, tick } from './steps.ts';
import { World } from './world.ts';

/** A job of forty minutes, a ghost's two time-outs, a refused debt and a back-off, one after the other. */
const TICKS_TO_SETTLE = 240;
/** A ghost comes round for ever, one runner at a time, until somebody cancels it. */
const GHOSTS_CANCELLED = 60;

/** One history, and then rest. `seen` is told of every controller once it has come to rest. */
export function history(seen: (controller: Controller, world: World) => void = () => undefined) {
  return property(
    array(step, { minLength: 20, maxLength: 80, size: 'max' }),
    policies,
    integer({ min: 1, max: 2 ** 31 - 1 }),
    (steps: readonly Step[], policy: Policy, seed: number) => {
      const random = draws(seed);
      const world = new World(WALL, random);
      const controller = new Controller(world, policy, SCOPES, random);
      for (const one of steps) play(world, controller, one);
      settle(world, controller);
      seen(controller, world);
    },
  );
}

/** No more jobs, failures or lies; what is there must come to rest, and in bounded time. */
function settle(world: World, controller: Controller): void {
  controller.trouble = 0;
  controller.draining = false;
  let left: readonly string[] = ['nothing was tried'];
  for (let n = 0; n < TICKS_TO_SETTLE && left.length > 0; n += 1) {
    if (n === GHOSTS_CANCELLED) world.exorcise();
    play(world, controller, { do: 'poll', blind: 'nothing', lag: 0, blindHost: false, cutOff: false });
    for (let steps = 0; steps < 200 && controller.flights.length > 0; steps += 1) {
      play(world, controller, { do: 'advance', at: steps });
      if (steps % 4 === 3) world.pass(15 * SECOND, 1);
    }
    world.now += 1;
    controller.lookAtHost(false);
    tick(world, controller, false);
    world.pass(n < 20 ? MINUTE / 4 : MINUTE, 1);
    left = leftOver(world, controller);
  }
  expect(left, 'it never settles').toEqual([]);
}
