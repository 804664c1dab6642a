import { describe, expect, it } from 'vitest';

import { backoff, LONGEST } from '../../../src/core/backoff.ts';
import type { ClaimedRunner, Failure, Finished, Millis, State } from '../../../src/core/model.ts';
import { carriedOver } from '../../../src/core/time/carry-over.ts';
import type { Instant } from '../../../src/core/time/instant.ts';
import { wallInstant } from '../../../src/core/time/instant.ts';
import {
  debt,
  failure,
  ghost,
  HOUR,
  instance,
  job,
  MINUTE,
  NOW,
  planned,
  runnerOf,
  SCOPE,
  SECOND,
  snapshot,
  state,
  suspect,
  WALL,
} from '../../support/builders.ts';

const stored: Instant = { boot: 'this-boot', monotonic: NOW, wall: WALL };
/** Ten minutes later, half a minute after the next boot. */
const rebooted: Instant = { boot: 'the-next', monotonic: MINUTE / 2, wall: WALL + 10 * MINUTE };

const failing = (past: Millis, until: Millis): Failure =>
  failure({ count: 9, lastAt: past, thirdAt: past, until });
const claimed = (at: Millis): ClaimedRunner => ({
  className: 'default',
  scope: SCOPE,
  runnerName: runnerOf('j1'),
  at,
  endedAt: at,
  forJob: 1,
  runId: null,
});

/** A state in which every time there is was a minute ago, or is in a minute; `by`: when it was noted, from `NOW` on. */
function full(by: Millis = 0): State {
  const [past, next] = [NOW + by - MINUTE, NOW + by + MINUTE];
  const one = instance('j1', { since: past });
  const stages = {
    ...one.stages,
    queuedAt: WALL - HOUR,
    busyAt: past,
    endedAt: past,
    gone: past,
  };
  const over: Finished = {
    name: 'j2',
    runnerName: runnerOf('j2'),
    className: 'default',
    scope: SCOPE,
    forJob: 2,
    job: null,
    reason: 'job-finished',
    detail: '',
    stages,
  };
  return {
    instances: [{ ...one, stages, refusedAt: past, overSince: past }],
    debts: [debt('j3', { since: past, nextTry: next })],
    failures: [failing(past, next)],
    suspects: [suspect('j4', { madeAt: past, endedAt: past })],
    ghosts: [ghost({ since: past, lastAt: past })],
    given: [{ className: 'default', scope: SCOPE, at: past }],
    claimed: [claimed(past)],
    finished: [over],
    answeredAt: { [SCOPE]: past },
  };
}

/** It without what ended in another boot, which has not failed. */
const SETTLED: State = { ...full(), suspects: [] };

/** The numbers in a state that are times of ours: what is left out does not depend on the clock. */
function timesOf(value: unknown): readonly number[] {
  return [...JSON.stringify(value).matchAll(/"(since|nextTry|until|lastAt|at|gone|\w+At)":(-?\d+)/g)]
    .filter(([, key]) => key !== 'queuedAt')
    .map(([, , at]) => Number(at));
}

describe('within a boot', () => {
  it.each([0, 5 * HOUR, -5 * HOUR])('nothing moves, with a wall clock moved by %i', (skew) => {
    const later = { boot: 'this-boot', monotonic: NOW + 10 * MINUTE, wall: WALL + 10 * MINUTE + skew };
    expect(carriedOver(full(), stored, later)).toEqual(full());
  });
});

describe('after another boot', () => {
  it("everything was as long ago as the wall clocks say, and GitHub's dates stay", () => {
    const by = rebooted.monotonic - 10 * MINUTE - NOW;
    const is = carriedOver(full(), stored, rebooted);
    expect(is).toEqual({ ...full(by), instances: is.instances, finished: is.finished, suspects: [] });
    expect(timesOf(is)).toEqual(timesOf(SETTLED).map((at) => at + by));
    expect(is.instances[0]?.stages.queuedAt).toBe(WALL - HOUR);
  });

  it.each([
    { title: 'set back by years', wall: 0 },
    { title: 'as it was', wall: WALL },
    { title: 'an hour on', wall: WALL + HOUR },
    { title: 'years ahead', wall: 2 * WALL },
  ])('nothing lasts longer than it ever may, with a wall clock $title', ({ wall }) => {
    const now = { ...rebooted, wall };
    const before = { ...full(), debts: [debt('j3', { nextTry: NOW + LONGEST })] };
    const is = carriedOver({ ...before, failures: [failing(NOW, NOW + backoff(9, 0.999))] }, stored, now);
    const { monotonic } = now;
    const lasts = [...is.debts.map((it) => it.nextTry), ...is.failures.map((it) => it.until)];
    for (const until of lasts) expect(until).toBeLessThanOrEqual(monotonic + LONGEST);
    const [one] = is.instances;
    const past = [
      one?.since,
      is.ghosts[0]?.lastAt,
      is.claimed[0]?.at,
      is.debts[0]?.since,
      is.answeredAt[SCOPE],
    ];
    for (const at of past) expect(at).toBeLessThanOrEqual(monotonic);
  });

  it('a hold ends an hour after the start at the latest, and a back-off and a debt in their longest wait', () => {
    const now = { ...rebooted, wall: 0 };
    const was = state({
      ghosts: [ghost({ strikes: 20, since: NOW - MINUTE, lastAt: NOW })],
      given: [{ className: 'default', scope: SCOPE, at: NOW }],
      answeredAt: { [SCOPE]: NOW },
    });
    const held = carriedOver(was, stored, now);
    const at = (ms: Millis): readonly string[] => {
      const askedAt = now.monotonic + ms - SECOND;
      const github = snapshot({ askedAt, jobs: [job(1)] });
      return planned({ state: held, github }, {}, now.monotonic + ms).holds;
    };
    expect([at(HOUR - 1), at(HOUR)]).toEqual([['1 waiting-for-github'], ['1 starting']]);
  });
});

describe('a state of an older version, whose times are those of the wall clock', () => {
  /** As it was written down: on a clock that said `wall` when ours says `NOW`. */
  const older = (wall: number): State => full(wall - NOW);

  it('is as old as the wall clock says', () => {
    expect(timesOf(carriedOver(older(WALL), wallInstant(WALL), stored))).toEqual(timesOf(SETTLED));
  });

  it('has nothing in the future after the wall clock was set back', () => {
    const is = carriedOver(older(WALL + 3 * HOUR), wallInstant(WALL), stored);
    expect(is.instances[0]?.since).toBe(NOW);
    expect(is.debts[0]).toMatchObject({ since: NOW, nextTry: NOW + LONGEST });
    expect(is.failures[0]?.until).toBe(NOW + LONGEST);
    expect(is.ghosts[0]?.lastAt).toBe(NOW);
    expect(is.answeredAt[SCOPE]).toBe(NOW);
  });
});
