import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';

import { GithubError } from '../../src/core/errors.ts';
import { problems } from '../../src/core/known/problems.ts';
import type { Millis } from '../../src/core/model.ts';
import type { Answer, Job, Part, Run } from '../../src/core/observation.ts';
import { Poller } from '../../src/loop/poller.ts';
import { Heard, run } from '../core/known/heard.ts';
import { HOUR, job, MINUTE, SCOPE, SECOND } from '../support/builders.ts';
import { TestClock } from '../support/clock.ts';
import { ScriptedGithub } from './fakes.ts';
import { gate } from './gate.ts';

const INTERVAL = 10 * SECOND;
const LISTS = ['queued', 'in_progress', 'waiting', 'newest', 'runners'];
const EACH_POLL = ['queued', 'in_progress', 'waiting', 'runners'];

/** A part in a word or two. */
function wordsFor(part: Part): string {
  if (part.kind === 'runs') return part.list;
  return part.kind === 'jobs' ? `jobs ${part.runId}` : 'runners';
}

interface Question {
  readonly askedAt: Millis;
  readonly answer: (answer: Answer) => void;
  readonly fail: (error: Error) => void;
}

/** A poller whose every question waits until the test answers it. Disposing of it ends it. */
class PollerBench implements AsyncDisposable {
  readonly clock = new TestClock();
  readonly heard: Heard;
  readonly github = new ScriptedGithub();
  /** Everything that was asked for since this was last looked at. */
  asked: string[] = [];
  readonly ranks = new Map<string, string>();
  /** What was told of each answer and failure: whether it says anything new. */
  readonly told: boolean[] = [];
  readonly poller: Poller;
  readonly stop = new AbortController();
  readonly #open = new Map<string, Question>();
  #running: Promise<void> = Promise.resolve();

  constructor(interval: Millis = INTERVAL, heard = new Heard([SCOPE], () => true)) {
    this.heard = heard;
    this.github.read = (part, rank, signal) => {
      const words = wordsFor(part);
      this.asked.push(words);
      this.ranks.set(words, rank);
      return new Promise((answer, fail) => {
        if (this.#open.has(words)) throw new Error(`${words} is asked for twice at once`);
        this.#open.set(words, { askedAt: this.clock.now(), answer, fail });
        signal.addEventListener('abort', () => fail(new Error('called off')));
      });
    };
    this.poller = new Poller({
      github: this.github,
      clock: this.clock,
      known: this.heard.known,
      pollInterval: interval,
      heard: (isNew) => this.told.push(isNew),
    });
  }

  /** What is under way. */
  get open(): readonly string[] {
    return [...this.#open.keys()];
  }

  async run(): Promise<void> {
    this.#running = this.poller.run(this.stop.signal);
    await this.settle();
  }

  /** What was asked for since the last time. */
  take(): readonly string[] {
    const { asked } = this;
    this.asked = [];
    return asked;
  }

  /** Answers these, lists of runs with `runs`, and lets the poller act on it. */
  async answer(words: readonly string[], runs: readonly Run[] = [], jobs?: readonly Job[]): Promise<void> {
    for (const each of words) {
      const { askedAt, answer } = this.#close(each);
      if (each === 'runners') answer({ kind: 'runners', askedAt, runners: [] });
      else if (LISTS.includes(each)) answer({ kind: 'runs', askedAt, runs, cut: null });
      else {
        const runId = Number(each.slice('jobs '.length));
        answer({ kind: 'jobs', askedAt, jobs: jobs ?? [job(runId, { runId })] });
      }
    }
    await this.settle();
    await this.pass(1);
  }

  async fail(words: string, error: Error): Promise<void> {
    this.#close(words).fail(error);
    await this.settle();
    await this.pass(1);
  }

  /** Lets time pass. The poller takes a millisecond to look at what has come in, and may do so several times. */
  async pass(ms: Millis): Promise<void> {
    for (let left = ms; left > 0; left -= 1) {
      const steps = ms - left < 4 ? 1 : left;
      this.clock.advance(steps);
      left -= steps - 1;
      await this.settle();
    }
  }

  /** Lets everything happen that needs no time. */
  async settle(): Promise<void> {
    for (let turns = 0; turns < 3; turns += 1) await setImmediate();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop.abort();
    await this.#running;
  }

  #close(words: string): Question {
    const question = this.#open.get(words);
    if (question === undefined) throw new Error(`nobody asks for ${words}`);
    this.#open.delete(words);
    return question;
  }
}

function runs(from: number, to: number): readonly Run[] {
  return Array.from({ length: to - from + 1 }, (_, at) => run(from + at));
}

/** The words for the jobs of these runs. */
function jobsFor(all: readonly Run[]): readonly string[] {
  return all.map(({ id }) => `jobs ${id}`);
}

/** These runs, none of which concerns us, all read long before the poller begins. */
function readLongAgo(all: readonly Run[]): Heard {
  const heard = new Heard([SCOPE], () => false);
  const at = new TestClock().now() - HOUR;
  heard.lists(at, all);
  for (const { id } of all) heard.jobs(id, at + MINUTE, [job(id, { runId: id })]);
  return heard;
}

const limited = (retryAt: Millis): GithubError => new GithubError('rate-limited', 'slow down', { retryAt });

describe('a poll', () => {
  it('begins at once, and then in each interval', async () => {
    await using bench = new PollerBench();
    await bench.run();
    expect(bench.take()).toEqual(LISTS);
    await bench.answer(LISTS);
    await bench.pass(INTERVAL - 2);
    expect(bench.take()).toEqual([]);
    await bench.pass(1);
    expect(bench.take()).toEqual(EACH_POLL);
    await bench.answer(EACH_POLL);
    await bench.pass(INTERVAL - 2);
    expect(bench.take()).toEqual([]);
    await bench.pass(1);
    expect(bench.take()).toEqual(EACH_POLL);
  });

  it('asks for jobs as soon as a list shows their run, the other lists answered or not', async () => {
    await using bench = new PollerBench();
    await bench.run();
    bench.take();
    await bench.answer(['waiting'], [run(3), run(4)]);
    expect(bench.take()).toEqual(['jobs 4', 'jobs 3']);
    expect(bench.ranks.get('jobs 4')).toBe('fresh');
    expect(bench.open).toEqual(['queued', 'in_progress', 'newest', 'runners', 'jobs 4', 'jobs 3']);
  });

  it('waits for nothing of the one before, and asks for nothing twice at once', async () => {
    await using bench = new PollerBench();
    await bench.run();
    await bench.answer(['in_progress', 'runners'], [run(1)]);
    bench.take();
    await bench.pass(INTERVAL);
    expect(bench.take()).toEqual(['in_progress', 'runners']);
    await bench.answer(['in_progress', 'runners', 'jobs 1'], [run(1)]);
    // What it was asked before this poll began is not its answer of this poll.
    expect(bench.take()).toEqual(['jobs 1']);
    await bench.pass(INTERVAL);
    expect(bench.take()).toEqual(['in_progress', 'runners']);
  });

  it('begins late rather than twice', async () => {
    await using bench = new PollerBench();
    await bench.run();
    await bench.answer(LISTS);
    bench.take();
    await bench.pass(5 * SECOND);
    bench.clock.advance(20 * SECOND);
    await bench.settle();
    expect(bench.take()).toEqual(EACH_POLL);
    await bench.answer(EACH_POLL);
    await bench.pass(INTERVAL - 2);
    expect(bench.take()).toEqual([]);
  });

  it('asks again at once for what has changed meanwhile', async () => {
    await using bench = new PollerBench();
    await bench.run();
    await bench.answer(['queued'], [run(1)]);
    bench.take();
    await bench.pass(1);
    await bench.answer(['in_progress'], [run(1, { stamp: '1 in_progress' })]);
    expect(bench.take()).toEqual([]);
    await bench.answer(['jobs 1']);
    expect(bench.take()).toEqual(['jobs 1']);
  });
});

describe('reads that hang', () => {
  it('of jobs are begun three at once, and each that is over makes place for another', async () => {
    await using bench = new PollerBench();
    await bench.run();
    await bench.answer(LISTS, runs(1, 20));
    expect(bench.open).toEqual(jobsFor(runs(18, 20)).toReversed());
    bench.take();
    await bench.answer(['jobs 18', 'jobs 20']);
    expect(bench.take()).toEqual(['jobs 17', 'jobs 16']);
    await bench.fail('jobs 19', new Error('502'));
    expect(bench.take()).toEqual(['jobs 15']);
    expect(bench.open).toHaveLength(3);
  });

  it('of jobs that take longer than five seconds keep no other waiting, but for sixteen of them', async () => {
    await using bench = new PollerBench(MINUTE);
    await bench.run();
    await bench.answer(LISTS, runs(1, 20));
    bench.take();
    await bench.pass(5 * SECOND - 2);
    expect(bench.take()).toEqual([]);
    await bench.pass(2);
    expect(bench.take()).toEqual(['jobs 17', 'jobs 16', 'jobs 15']);
    for (let n = 0; n < 5; n += 1) await bench.pass(5 * SECOND + 1);
    expect(bench.open.filter((it) => it.startsWith('jobs'))).toHaveLength(16);
  });

  it('of jobs leave lists their place, slow or not yet', async () => {
    const interval = 2 * SECOND;
    await using bench = new PollerBench(interval);
    await bench.run();
    await bench.answer(LISTS, runs(1, 20));
    bench.take();
    await bench.pass(interval);
    expect(bench.take()).toEqual(EACH_POLL);
    await bench.answer(EACH_POLL, runs(1, 20));
    await bench.pass(2 * interval);
    expect(bench.take()).toEqual(expect.arrayContaining(EACH_POLL));
  });

  it('of runs in turn are one at once, and leave fresh ones their place', async () => {
    await using bench = new PollerBench(INTERVAL, readLongAgo(runs(1, 20)));
    await bench.run();
    expect(bench.open).toEqual([...LISTS, 'jobs 1']);
    await bench.answer(['queued'], runs(1, 30));
    expect(bench.open.filter((it) => it.startsWith('jobs'))).toEqual(['jobs 1', 'jobs 30', 'jobs 29']);
    expect(bench.ranks.get('jobs 1')).toBe('turn');
    bench.take();
    await bench.answer(['jobs 30']);
    expect(bench.take()).toEqual(['jobs 28']);
  });

  it('of lists are in the way of no jobs', async () => {
    await using bench = new PollerBench();
    await bench.run();
    await bench.answer(['newest'], runs(1, 20));
    expect(bench.open.filter((it) => it.startsWith('jobs'))).toHaveLength(3);
  });
});

describe('a part that fails', () => {
  it('is unread, since it was asked for and for the reason that was given', async () => {
    await using bench = new PollerBench();
    const began = bench.clock.now();
    await bench.run();
    await bench.pass(SECOND);
    await bench.fail('waiting', new Error('no route'));
    expect(problems(bench.heard.known, bench.clock.now())).toEqual([
      { scope: SCOPE, what: 'waiting runs', why: 'no route', since: began },
    ]);
  });

  it('is tried again when it may be, in the middle of a poll', async () => {
    await using bench = new PollerBench(MINUTE);
    await bench.run();
    await bench.answer(LISTS.slice(1));
    await bench.fail('queued', new Error('502'));
    bench.take();
    await bench.pass(5 * SECOND - 2);
    expect(bench.take()).toEqual([]);
    await bench.pass(1);
    expect(bench.take()).toEqual(['queued']);
  });

  it('and hangs when it is tried again does not hold up the next try of others', async () => {
    await using bench = new PollerBench(MINUTE);
    await bench.run();
    await bench.answer(LISTS.slice(2));
    await bench.fail('queued', new Error('502'));
    await bench.pass(2 * SECOND);
    await bench.fail('in_progress', new Error('502'));
    await bench.pass(3 * SECOND);
    expect(bench.open).toEqual(['queued']);
    bench.take();
    await bench.pass(2 * SECOND);
    expect(bench.take()).toEqual(['in_progress']);
  });

  it.each([
    { what: 'that is gone when GitHub says so', code: 'not-found', left: 0 },
    { what: 'that may be there when nobody answers', code: 'unreachable', left: 1 },
  ] as const)('may be a run $what', async ({ code, left }) => {
    await using bench = new PollerBench();
    await bench.run();
    await bench.answer(LISTS, [run(1)]);
    await bench.answer(['jobs 1']);
    for (let tries = 0; tries < 3; tries += 1) {
      await bench.pass(2 * INTERVAL);
      await bench.answer(EACH_POLL);
      if (bench.open.includes('jobs 1')) await bench.fail('jobs 1', new GithubError(code, 'gone'));
    }
    expect(bench.heard.known.queued).toHaveLength(left);
  });
});

describe('a rate limit', () => {
  it('stops every read until then, and the part that met it has not failed', async () => {
    await using bench = new PollerBench();
    await bench.run();
    await bench.answer(['in_progress', 'waiting', 'newest', 'runners']);
    bench.take();
    const since = bench.clock.now();
    await bench.fail('queued', limited(since + MINUTE));
    expect(bench.heard.known.limitedAt(since)).toEqual({ since, until: since + MINUTE, why: 'slow down' });
    expect(bench.heard.known.scopes.get(SCOPE)?.lists.queued.age.failing).toBeNull();
    await bench.pass(MINUTE - 2);
    expect(bench.take()).toEqual([]);
    await bench.pass(1);
    expect(bench.take()).toEqual(EACH_POLL);
  });

  it('that an effect met stops the next poll', async () => {
    await using bench = new PollerBench();
    await bench.run();
    await bench.answer(LISTS);
    bench.take();
    const now = bench.clock.now();
    bench.heard.known.limit({ since: now, until: now + MINUTE, why: 'slow down' });
    await bench.pass(MINUTE - 1);
    expect(bench.take()).toEqual([]);
    await bench.pass(1);
    expect(bench.take()).toEqual(EACH_POLL);
  });

  it('of which nobody knows how long it lasts is a failure of the part', async () => {
    await using bench = new PollerBench();
    await bench.run();
    await bench.fail('queued', new GithubError('rate-limited', 'slow down'));
    expect(bench.heard.known.limitedAt(bench.clock.now())).toBeNull();
    expect(bench.heard.known.scopes.get(SCOPE)?.lists.queued.age.failing?.why).toBe('slow down');
  });
});

describe('each answer and failure is told', () => {
  it('with whether it is new, once it is known', async () => {
    await using bench = new PollerBench();
    await bench.run();
    await bench.answer(['queued'], [run(1)]);
    await bench.answer(['in_progress'], []);
    await bench.fail('waiting', new Error('502'));
    await bench.answer(['jobs 1']);
    await bench.fail('runners', limited(bench.clock.now() + MINUTE));
    expect(bench.told).toEqual([true, false, false, true, false]);
  });
});

describe('the end', () => {
  it('calls off what is under way, and takes nothing in any more', async () => {
    const bench = new PollerBench();
    await bench.run();
    await bench.answer(['queued'], [run(1)]);
    const told = bench.told.length;
    expect(bench.open).toHaveLength(5);
    await bench[Symbol.asyncDispose]();
    expect(bench.told).toHaveLength(told);
    expect(problems(bench.heard.known, bench.clock.now())).toEqual([]);
    expect(bench.clock.sleeping).toBe(0);
  });

  it('waits for reads that take their time to end, and does not take in what they say', async () => {
    const bench = new PollerBench();
    const slow = gate();
    bench.github.read = async ({ kind, scope }) => {
      await slow.opened;
      if (kind !== 'runners') throw new Error('called off');
      return { kind, askedAt: 1, runners: [{ id: 1, name: 'x', scope, online: true, busy: false }] };
    };
    await bench.run();
    let ended = false;
    const ending = bench[Symbol.asyncDispose]().then(() => (ended = true));
    await bench.settle();
    expect(ended).toBe(false);
    slow.open();
    await ending;
    expect(bench.heard.known.runners.size).toBe(0);
    expect(bench.told).toEqual([]);
  });
});

describe('a single poll', () => {
  it('asks for what the lists show, once, and is over', async () => {
    const bench = new PollerBench();
    let over = false;
    const polling = bench.poller.once(bench.stop.signal).then(() => (over = true));
    await bench.settle();
    expect(bench.take()).toEqual(LISTS);
    await bench.answer(['in_progress', 'waiting', 'runners']);
    await bench.fail('newest', new Error('502'));
    await bench.answer(['queued'], runs(1, 20));
    expect(bench.open).toHaveLength(3);
    await bench.fail('jobs 20', new Error('502'));
    await bench.pass(MINUTE);
    expect(over).toBe(false);
    while (bench.open.length > 0) await bench.answer(bench.open);
    await polling;
    expect(bench.take().toSorted()).toEqual(jobsFor(runs(1, 20)).toSorted());
    expect(bench.heard.known.queued).toHaveLength(19);
  });

  it('is over when a rate limit comes', async () => {
    const bench = new PollerBench();
    const polling = bench.poller.once(bench.stop.signal);
    await bench.settle();
    await bench.answer(['queued'], runs(1, 20));
    bench.take();
    await bench.fail('runners', limited(bench.clock.now() + MINUTE));
    for (const words of bench.open) await bench.fail(words, limited(bench.clock.now() + MINUTE));
    await polling;
    expect(bench.take()).toEqual([]);
  });

  it('ends with its signal, after what is under way', async () => {
    const bench = new PollerBench();
    const slow = gate();
    bench.github.read = async () => {
      await slow.opened;
      throw new Error('called off');
    };
    let over = false;
    const polling = bench.poller.once(bench.stop.signal).then(() => (over = true));
    bench.stop.abort();
    await bench.settle();
    expect(over).toBe(false);
    slow.open();
    await polling;
    expect(bench.told).toEqual([]);
    expect(bench.clock.sleeping).toBe(0);
  });
});
