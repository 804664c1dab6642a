import { array, constantFrom, integer, record, type Arbitrary } from 'fast-check';

import type { Millis } from '../../src/core/model.ts';
import { draws, MINUTE, SECOND } from '../support/builders.ts';
import { openVirtual, percentile, type VirtualRig } from './rig.ts';
import type { Behaviour } from './runner.ts';

/** Something that befalls the controller or GitHub. */
const BLOWS = ['restart', 'kill', 'github-down', 'github-slow', 'github-gives-nothing', 'limited'] as const;

/** A quarter of an hour, as it was drawn. */
export interface QuarterHour {
  readonly seed: number;
  readonly assign: 'random' | 'theft';
  /** How late GitHub's lists are, in seconds. */
  readonly lag: number;
  /** In percent: of answers that are a 502, and of containers whose runner misbehaves. */
  readonly faults: number;
  readonly odd: number;
  readonly arrivals: readonly { readonly after: number; readonly count: number; readonly length: number }[];
  readonly blows: readonly { readonly minute: number; readonly kind: (typeof BLOWS)[number] }[];
}

export const quarterHour: Arbitrary<QuarterHour> = record({
  seed: integer({ min: 1, max: 2 ** 30 }),
  assign: constantFrom('random', 'theft'),
  lag: integer({ min: 0, max: 4 }),
  faults: integer({ min: 0, max: 3 }),
  odd: integer({ min: 0, max: 15 }),
  arrivals: array(
    record({
      after: integer({ min: 5, max: 150 }),
      count: integer({ min: 1, max: 4 }),
      length: integer({ min: 1, max: 120 }),
    }),
    { minLength: 4, maxLength: 9, size: 'max' },
  ),
  blows: array(record({ minute: integer({ min: 1, max: 10 }), kind: constantFrom(...BLOWS) }), {
    minLength: 1,
    maxLength: 3,
    size: 'max',
  }),
});

/** Runners that keep no job from running in another container. */
const ODD: readonly Behaviour[] = [
  'no-hooks',
  'dies-at-boot',
  'leaves-with-0',
  'leaves-with-1',
  'never-online',
];

/** More than ever run at a time, so that no job waits for a place. */
const PLACES = 30;

/** How long GitHub is down, slow or limits us. */
const SPELL: Millis = 2 * MINUTE;

/** How many requests of a poll go out together. */
const AT_ONCE = 8;

/** What one came to. */
export interface Outcome {
  readonly jobs: number;
  /** What must not be; empty in a good one. */
  readonly wrong: readonly string[];
  readonly median: number;
  readonly longest: number;
  readonly containers: number;
  /** Those whose runner misbehaved. */
  readonly odd: number;
  readonly worstMinute: number;
}

/** Plays it until all that began in it is over. */
export async function played(given: QuarterHour): Promise<Outcome> {
  const chance = draws(given.seed);
  const lag = given.lag * SECOND;
  await using rig = openVirtual({
    seed: given.seed,
    policy: { maxConcurrent: PLACES, startupTimeout: MINUTE, pollInterval: 20 * SECOND },
    switches: { assign: given.assign, jobLagMs: lag, runnerListLagMs: lag, runnerStateLagMs: lag },
    behaves: () => (chance() * 100 < given.odd ? (ODD[Math.floor(chance() * ODD.length)] ?? 'well') : 'well'),
  });
  const usual = [{ probability: given.faults / 100, status: 502 }];
  rig.github.addFaults(usual);
  const jobs: number[] = [];
  const blows = given.blows.toSorted((a, b) => a.minute - b.minute);
  const began = rig.time.now();
  for (const { after, count, length } of given.arrivals) {
    await rig.run(after * SECOND);
    for (
      let next = blows[0];
      next !== undefined && began + next.minute * MINUTE <= rig.time.now();
      next = blows[0]
    ) {
      blows.shift();
      await strike(rig, next.kind, given);
      rig.github.clearFaults();
      rig.github.addFaults(usual);
    }
    jobs.push(...rig.queue(count, { duration: length * SECOND }));
  }
  rig.github.clearFaults();
  const over = await rig.finish(jobs, 20 * MINUTE);
  await rig.run(4 * MINUTE);
  const waits = rig.waits(jobs);
  const limits = given.blows.filter(({ kind }) => kind === 'limited').length;
  const unasked = rig.leftovers().filter((told) => told.startsWith('request-during-limit'));
  return {
    jobs: jobs.length,
    wrong: [
      ...(over ? [] : ['not all jobs are over']),
      // Those that go out together learn of a limit together.
      ...(unasked.length <= limits * AT_ONCE ? [] : unasked),
      ...rig.leftovers().filter((told) => !unasked.includes(told)),
    ],
    median: percentile(waits, 50),
    longest: Math.max(...waits),
    containers: rig.containers(),
    odd: rig.engine.made.filter(({ behaviour }) => behaviour !== 'well').length,
    worstMinute: rig.network.requests().worstMinute,
  };
}

async function strike(rig: VirtualRig, kind: (typeof BLOWS)[number], { assign }: QuarterHour): Promise<void> {
  switch (kind) {
    case 'restart':
      await rig.stop();
      await rig.run(10 * SECOND);
      rig.start();
      return;
    case 'kill':
      rig.kill();
      rig.start();
      return;
    case 'github-down':
      rig.github.addFaults([{ status: 503 }]);
      await rig.run(SPELL);
      return;
    case 'github-slow':
      rig.network.latency = 5 * SECOND;
      await rig.run(SPELL);
      rig.network.latency = 150;
      return;
    case 'github-gives-nothing':
      rig.github.configure({ assign: 'nobody' });
      await rig.run(SPELL);
      rig.github.configure({ assign });
      return;
    case 'limited':
      rig.github.limit('secondary', 60);
      await rig.run(SPELL);
  }
}
