import { describe, expect, it } from 'vitest';

import type { Tuning } from '../../src/github/tuning.ts';
import type { Switches } from '../../src/simulator/options.ts';
import type { FaultRule } from '../../src/simulator/rest/faults.ts';
import { githubWith, NO_LIMITS, openLocal, ShiftedClock } from '../support/in-process.ts';
import { createHeldJobs, NIX, untilBusy, untilSuccess } from '../support/jobs.ts';
import { openStage } from '../support/stage.ts';
import { SLOW, until } from '../support/wait.ts';

const FAST = { ...NO_LIMITS, retryDelay: 10, readTries: 2 };

/** Only what hangs is given up soon: on a busy machine a good answer may take half a second too. */
function tuningFor(fault: FaultRule): Partial<Tuning> {
  return fault.hang === true ? { ...FAST, requestTimeout: 500 } : FAST;
}

interface Trouble {
  readonly what: string;
  readonly fault: FaultRule;
  readonly switches?: Partial<Switches>;
  readonly reason: 'github-unreachable' | 'rate-limited';
  /** What the log says. */
  readonly says: RegExp;
  /** Milliseconds after which GitHub answers again, where it was told to be left alone. */
  readonly over?: number;
}

const unreachable = (what: string, fault: FaultRule, says: RegExp): Trouble => ({
  what,
  fault,
  reason: 'github-unreachable',
  says,
});

const TROUBLES: readonly Trouble[] = [
  unreachable('404', { status: 404 }, /404/),
  unreachable('401', { status: 401, message: 'Bad credentials' }, /401.*Bad credentials|Bad credentials/),
  unreachable('403', { status: 403 }, /Resource not accessible/),
  unreachable('500', { status: 500 }, /500/),
  unreachable('503 with a page of HTML', { status: 503, body: '<html>no</html>' }, /503/),
  unreachable('broken JSON', { body: '{"total_count": 1, "workflow_runs": [' }, /answer/),
  unreachable('JSON of another shape', { body: '{"total_count": 1}' }, /answer/),
  unreachable('a reset connection', { reset: true }, /cannot/),
  unreachable('a hang', { hang: true }, /cannot/),
  {
    what: '429 with retry-after',
    fault: { limit: 'secondary', retryAfter: 20, count: 1 },
    switches: { limitStatus: 429 },
    reason: 'rate-limited',
    says: /limits us until/,
    over: 21_000,
  },
  {
    what: '429 without retry-after',
    fault: { limit: 'secondary', count: 1 },
    switches: { limitStatus: 429, retryAfter: false },
    reason: 'rate-limited',
    says: /limits us until/,
    over: 61_000,
  },
  {
    what: '403 with retry-after',
    fault: { limit: 'secondary', retryAfter: 20, count: 1 },
    reason: 'rate-limited',
    says: /limits us until/,
    over: 21_000,
  },
  {
    what: "an hour's requests used up",
    fault: { limit: 'primary', retryAfter: 120, count: 1 },
    reason: 'rate-limited',
    says: /limits us until/,
    over: 121_000,
  },
];

describe('what the controller does and says when GitHub answers with', SLOW, () => {
  it.concurrent.each(TROUBLES)('$what', async ({ fault, switches = {}, reason, says, over }) => {
    await using stage = await openStage({ env: { MAX_CONCURRENT: '1' }, switches });
    const clock = new ShiftedClock();
    const github = githubWith(stage.config(), tuningFor(fault), clock);
    await using controller = await openLocal(stage, { clock, github });
    const jobs = createHeldJobs(stage, 2);
    const before = await untilBusy(controller, 1);
    await controller.until(
      'the other job to wait',
      ({ queue: [one] }) => one?.waiting.reason === 'host-at-capacity',
    );

    stage.github.addFaults([fault]);
    const { waiting } = await controller.until(
      'the trouble to show',
      (it) => !it.github.ok && it.queue.find((one) => one.waiting.reason === reason),
    );
    expect(waiting.detail).not.toBe('');
    const line = controller.log.find(({ msg }) => msg === 'github look incomplete');
    expect(line).toMatchObject({ level: 'warn', scope: 'o/r', what: expect.stringMatching(/./) });
    expect(String(line?.['why'])).toMatch(says);
    const { problems } = (await controller.status()).github;
    expect(problems.map(({ why }) => why).join()).toMatch(says);

    expect(await untilBusy(controller, 1)).toEqual(before);
    const asked = stage.github.report().requestCount;
    const first = await controller.status();
    // Who is told to wait does not ask, though it is time for several polls.
    await controller.until('another poll', (it) =>
      reason === 'rate-limited'
        ? it.uptime_seconds > first.uptime_seconds + 2
        : it.github.last_poll !== first.github.last_poll,
    );
    expect(stage.github.report().requestCount > asked).toBe(reason !== 'rate-limited');
    expect(await untilBusy(controller, 1)).toEqual(before);

    stage.github.clearFaults();
    if (over !== undefined) {
      stage.github.advance(over);
      clock.shift(over);
    }
    await controller.until('GitHub to answer', (it) => it.github.ok);
    await jobs.release();
    await untilSuccess(stage);
    await controller.untilQuiet();
    await stage.untilNothingIsLeft();
    const { ranTwice, violations } = stage.github.report();
    expect(ranTwice).toEqual([]);
    // Those that were under way together with the refused one.
    expect(violations.filter(({ kind }) => kind !== 'request-during-limit')).toEqual([]);
  });

  it.concurrent('nothing for too long: /health says so, and ok once it answers', async () => {
    await using stage = await openStage();
    const clock = new ShiftedClock();
    const github = githubWith(stage.config(), tuningFor({ hang: true }), clock);
    await using controller = await openLocal(stage, { clock, github });
    const jobs = createHeldJobs(stage, 1);
    const before = await untilBusy(controller, 1);
    expect(await controller.health()).toEqual({ code: 200, body: { status: 'ok' } });
    stage.github.addFaults([{ hang: true }]);
    await controller.until('GitHub to be down', (it) => !it.github.ok);
    clock.shift(61_000);
    const degraded = { code: 503, body: { status: 'degraded', reasons: ['github-poll-stale'] } };
    await until('the health page to say so', async () => {
      expect(await controller.health()).toEqual(degraded);
      return true;
    });
    expect(await untilBusy(controller, 1)).toEqual(before);
    stage.github.clearFaults();
    await until('health', async () => (await controller.health()).code === 200);
    await jobs.release();
    await untilSuccess(stage);
    await controller.untilQuiet();
    await stage.untilNothingIsLeft();
  });
});

const REGISTER = { method: 'POST', path: 'generate-jitconfig' };

/** One registration goes wrong in each of these ways. */
const REGISTRATIONS: readonly { readonly what: string; readonly fault: FaultRule }[] = [
  { what: '500 without effect', fault: { status: 500 } },
  { what: '500 with effect', fault: { status: 500, after: true } },
  { what: '502 with effect and a page of HTML', fault: { status: 502, after: true, body: '<html>' } },
  { what: 'a reset with effect', fault: { reset: true, after: true } },
  { what: 'a reset without effect', fault: { reset: true } },
  { what: 'a hang with effect', fault: { hang: true, after: true } },
  { what: 'broken JSON with effect', fault: { body: '{"runner": {', after: true } },
  { what: '403', fault: { status: 403 } },
  { what: '409', fault: { status: 409 } },
  { what: '422', fault: { status: 422 } },
];

describe('a job still runs once, and nothing is left, when a registration gets', SLOW, () => {
  it.concurrent.each(REGISTRATIONS)('$what', async ({ fault }) => {
    await using stage = await openStage();
    const clock = new ShiftedClock();
    await using controller = await openLocal(stage, {
      clock,
      github: githubWith(stage.config(), tuningFor(fault), clock),
    });
    stage.github.addFaults([{ ...REGISTER, ...fault, count: 1 }]);
    stage.github.createJob({ labels: NIX, script: 'true' });
    await untilSuccess(stage);
    await controller.untilQuiet();
    await stage.untilNothingIsLeft();
    const report = stage.github.report();
    expect(report).toMatchObject({ ranTwice: [], violations: [] });
    expect(report.counters).toMatchObject({ left: 0 });
    expect(report.requests.some(({ faulted }) => faulted)).toBe(true);
  });

  it.concurrent('403 for ever: its class backs off, in words, and no container is left', async () => {
    await using stage = await openStage();
    const clock = new ShiftedClock();
    await using controller = await openLocal(stage, {
      clock,
      github: githubWith(stage.config(), FAST, clock),
    });
    stage.github.addFaults([{ ...REGISTER, status: 403 }]);
    stage.github.createJob({ labels: NIX, script: 'true' });
    const { waiting } = await controller.until('the job to be held', ({ queue }) =>
      queue.find((one) => one.waiting.reason === 'backing-off'),
    );
    expect(waiting.detail).toContain('Resource not accessible');
    stage.github.clearFaults();
    clock.shift(10_000);
    await untilSuccess(stage);
    await controller.untilQuiet();
    await stage.untilNothingIsLeft();
  });
});

/** Deleting a runner that nobody needs any more goes wrong once. */
const DELETIONS: readonly { readonly what: string; readonly fault: FaultRule }[] = [
  { what: '500 without effect', fault: { status: 500 } },
  { what: '500 with effect', fault: { status: 500, after: true } },
  { what: 'a reset with effect', fault: { reset: true, after: true } },
  { what: 'a hang without effect', fault: { hang: true } },
  { what: '404', fault: { status: 404, after: true } },
];

describe('a runner that nobody needs goes, when its deletion gets', SLOW, () => {
  it.concurrent.each(DELETIONS)('$what', async ({ fault }) => {
    await using stage = await openStage({ runner: { NEVER_CONNECT: '1' } });
    const clock = new ShiftedClock();
    await using controller = await openLocal(stage, {
      clock,
      github: githubWith(stage.config(), tuningFor(fault), clock),
    });
    const { jobId } = stage.github.createJob({ labels: NIX });
    await controller.until(
      'its runner to start',
      ({ active_containers: [one] }) => one?.phase === 'starting',
    );
    stage.github.addFaults([{ method: 'DELETE', ...fault, count: 1 }]);
    stage.github.cancelJob(jobId);
    await until('its deletion', () => stage.github.report().requests.some(({ faulted }) => faulted));
    await controller.untilQuiet();
    await stage.untilNothingIsLeft();
    expect(stage.github.report().counters).toMatchObject({ created: 1, deleted: 1 });
  });
});
