import type { Arbitrary } from 'fast-check';
import { constant, constantFrom, integer, nat, oneof, record } from 'fast-check';

import type { Policy } from '../../src/core/policy.ts';
import { HOUR, MINUTE, policy, runnerClass, SECOND } from '../support/builders.ts';
import type { Blind, Controller } from './controller.ts';
import { checkPlan, checkReasons, checkWorld } from './promises.ts';
import type { World } from './world.ts';

export const SCOPES = ['o/r', 'o/s'];

const LABELS: readonly (readonly string[])[] = [
  ['ci'],
  ['self-hosted', 'CI'],
  ['ci', 'big'],
  ['big'],
  ['ci', 'gpu'],
  ['nobody'],
  [],
];

/** One thing that happens. `at` picks among what is there, modulo how many there are. */
export type Step =
  | {
      readonly do: 'queue';
      readonly labels: number;
      readonly scope: number;
      readonly length: number;
      readonly ghost: boolean;
    }
  | {
      readonly do: 'cancel' | 'rerun' | 'forget' | 'crash' | 'vanish' | 'forge' | 'operator' | 'advance';
      readonly at: number;
    }
  | {
      readonly do: 'poll';
      readonly blind: Blind;
      readonly lag: number;
      readonly blindHost: boolean;
      readonly cutOff: boolean;
    }
  | { readonly do: 'tick'; readonly blind: boolean; readonly late: number; readonly cutOff: boolean }
  | { readonly do: 'wait'; readonly ms: number; readonly gives: number }
  | { readonly do: 'drain' | 'resume' | 'restart' | 'reboot' | 'lose' }
  | { readonly do: 'set-wall'; readonly ms: number }
  | { readonly do: 'trouble'; readonly share: number };

const at = nat({ max: 20 });
const rarely = integer({ min: 0, max: 11 }).map((n) => n === 0);

export const step: Arbitrary<Step> = oneof(
  {
    weight: 10,
    arbitrary: record({
      do: constant('queue' as const),
      labels: integer({ min: 0, max: LABELS.length - 1 }),
      scope: constantFrom(0, 0, 0, 1),
      length: constantFrom(20, 20, 90, 300, 2_400).map((s) => s * SECOND),
      ghost: rarely,
    }),
  },
  {
    weight: 26,
    arbitrary: record({
      do: constant('poll' as const),
      blind: constantFrom<Blind>(
        ...Array.from<Blind>({ length: 12 }).fill('nothing'),
        'all',
        'limited',
        'limited-late',
        'scope',
        'other-scope',
        'run',
        'runners',
        'flicker',
      ),
      lag: constantFrom(0, 0, 0, 0, 0, 1, 3, 8),
      blindHost: rarely,
      cutOff: rarely,
    }),
  },
  {
    weight: 22,
    arbitrary: record({
      do: constant('tick' as const),
      blind: rarely,
      late: constantFrom(0, 0, 1, 3),
      cutOff: rarely,
    }),
  },
  { weight: 30, arbitrary: record({ do: constant('advance' as const), at }) },
  {
    weight: 16,
    arbitrary: record({
      do: constant('wait' as const),
      ms: constantFrom(3, 10, 10, 45, 120, 360).map((s) => s * SECOND),
      gives: constantFrom(0, 0.5, 0.9),
    }),
  },
  {
    weight: 1,
    arbitrary: record({
      do: constant('wait' as const),
      ms: constant(60 * MINUTE),
      gives: constant(0.5),
    }),
  },
  { weight: 3, arbitrary: record({ do: constant('cancel' as const), at }) },
  { weight: 2, arbitrary: record({ do: constant('rerun' as const), at }) },
  { weight: 1, arbitrary: record({ do: constant('forget' as const), at }) },
  { weight: 3, arbitrary: record({ do: constant('crash' as const), at }) },
  { weight: 1, arbitrary: record({ do: constant('vanish' as const), at }) },
  { weight: 1, arbitrary: record({ do: constant('forge' as const), at }) },
  { weight: 1, arbitrary: record({ do: constant('operator' as const), at }) },
  { weight: 3, arbitrary: record({ do: constantFrom('drain' as const, 'resume' as const) }) },
  {
    weight: 4,
    arbitrary: record({
      do: constantFrom('restart' as const, 'restart' as const, 'reboot' as const, 'lose' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: record({
      do: constant('set-wall' as const),
      ms: constantFrom(-2 * SECOND, -10 * MINUTE, -HOUR, -24 * HOUR, 10 * MINUTE, 3 * HOUR),
    }),
  },
  {
    weight: 3,
    arbitrary: record({ do: constant('trouble' as const), share: constantFrom(0, 0.2, 0.5) }),
  },
);

/** Few and many subnets, one class and several that overlap, tight and roomy maxima. */
export const policies: Arbitrary<Policy> = record({
  max: integer({ min: 1, max: 4 }),
  subnets: integer({ min: -1, max: 2 }),
  classes: constantFrom(1, 2, 3),
  second: integer({ min: 1, max: 3 }),
}).map(({ max, subnets, classes, second }) =>
  policy({
    classes: [
      runnerClass({ max, jobTimeout: 30 * MINUTE }),
      runnerClass({ name: 'big', labels: ['ci', 'BIG'], max: second, jobTimeout: 30 * MINUTE }),
      runnerClass({ name: 'gpu', labels: ['ci', 'gpu', 'big'], max: 1, jobTimeout: 60 * MINUTE }),
    ].slice(0, classes),
    maxConcurrent: max,
    pollInterval: MINUTE,
    subnets: Array.from({ length: Math.max(1, max + subnets) }, (_, n) => 100 + n),
  }),
);

/** A plan is made and begun, and everything that must hold is looked at. */
export function tick(world: World, controller: Controller, cutOff: boolean): void {
  const before = controller.state;
  const decided = controller.tick(cutOff);
  if (decided !== null) {
    checkPlan(before, decided, controller, world);
    checkReasons(world, decided, controller);
  }
}

/** Plays one step; everything that must hold is looked at after it. */
export function play(world: World, controller: Controller, one: Step): void {
  switch (one.do) {
    case 'queue':
      world.queue(SCOPES[one.scope] ?? '', LABELS[one.labels] ?? [], one.length, one.ghost);
      break;
    case 'cancel':
      world.cancel(one.at);
      break;
    case 'rerun':
      world.rerun(one.at);
      break;
    case 'forget':
      world.forget(one.at);
      break;
    case 'forge':
      world.forge(one.at);
      break;
    case 'crash':
    case 'vanish': {
      const names = [...world.containers.keys()];
      const name = names[one.at % Math.max(1, names.length)] ?? '';
      if (one.do === 'vanish') world.remove(name);
      else world.crash(name, one.at % 3 === 0 ? 0 : 1);
      break;
    }
    case 'operator':
      controller.operatorStops(one.at);
      break;
    case 'advance':
      controller.advance(one.at);
      break;
    case 'wait':
      world.pass(one.ms, one.gives);
      break;
    case 'poll':
      world.now += 1;
      controller.lookAtGithub(one.blind, one.lag);
      world.now += 300;
      controller.lookAtHost(one.blindHost);
      tick(world, controller, one.cutOff);
      break;
    case 'tick':
      world.now += 1;
      controller.lookAtHost(one.blind);
      // The world goes on between a look and what is made of it.
      for (let n = 0; n < one.late; n += 1) controller.advance(n);
      if (one.late > 0) world.pass(one.late * SECOND);
      tick(world, controller, one.cutOff);
      break;
    case 'drain':
      controller.draining = true;
      break;
    case 'resume':
      controller.draining = false;
      break;
    case 'restart':
      controller.crash();
      break;
    case 'reboot':
      controller.reboot();
      break;
    case 'lose':
      controller.loseLedger();
      break;
    case 'set-wall':
      world.setWall(one.ms);
      controller.met.add('a wall clock that was set');
      break;
    case 'trouble':
      controller.trouble = one.share;
      break;
  }
  checkWorld(world, controller);
}
