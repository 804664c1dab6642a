import { withDeadline } from '../abort.ts';
import { GithubError, messageOf } from '../core/errors.ts';
import type { Read } from '../core/known/due.ts';
import { due, nextTry } from '../core/known/due.ts';
import type { Known } from '../core/known/known.ts';
import type { Millis } from '../core/model.ts';
import type { Answer, Part, Rank } from '../core/observation.ts';
import type { Clock, Github } from '../core/ports.ts';
import { Wakeable } from './wakeable.ts';

/** The time-out of one part, its pages, its tries and its wait for a share of the budget included. */
const READ_TIMEOUT: Millis = 120_000;
/**
 * How many reads that are not of lists are begun before the others are over, and how many of those are in turn or of what
 * failed: they wait for their share of the budget together, and what is more urgent must not wait behind many.
 */
const AT_ONCE = 3;
const TURNS_AT_ONCE = 1;
/** A read that takes longer keeps no other from being begun, as long as there are no more than so many. */
const SLOW: Millis = 5_000;
const SLOW_AT_ONCE = 13;
/** The shortest time between two looks at what is due. */
const GAP: Millis = 1;

/** A read that is not over. */
interface UnderWay {
  readonly rank: Rank;
  readonly began: Millis;
  readonly over: Promise<void>;
}

/** What the poller is made of. */
export interface PollerOptions {
  readonly github: Github;
  readonly clock: Clock;
  readonly known: Known;
  readonly pollInterval: Millis;
  /** Called after each answer, with whether it says anything new, and after each failure. */
  readonly heard: (isNew: boolean) => void;
}

/**
 * Asks GitHub for each part when it is due. A poll begins in each interval, and waits for no read of the one before: a part
 * that is being asked for is not asked for again, and one that hangs holds up nothing else.
 */
export class Poller {
  readonly #options: PollerOptions;
  readonly #clock: Wakeable;
  readonly #underWay = new Map<string, UnderWay>();
  /** When the newest poll began. */
  #pollAt: Millis;

  constructor(options: PollerOptions) {
    this.#options = options;
    this.#clock = new Wakeable(options.clock);
    this.#pollAt = options.clock.now();
  }

  /** Looks at once at what is due. */
  wake(): void {
    this.#clock.wake();
  }

  /** Runs until the signal fires. Reads under way then end by it. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, pollInterval } = this.#options;
    while (!signal.aborted) {
      const now = clock.now();
      if (now >= this.#pollAt + pollInterval) this.#pollAt = now;
      this.#begin(now, signal);
      await this.#clock.sleep(GAP, Math.max(GAP, this.#next(now) - now), signal);
    }
    await this.#end();
  }

  /** Asks for everything once: what the lists show is read, and nothing is asked for twice. */
  async once(signal: AbortSignal): Promise<void> {
    const asked = new Set<string>();
    while (!signal.aborted) {
      const now = this.#options.clock.now();
      for (const read of this.#due(now)) {
        if (asked.has(keyOf(read.part)) || !this.#hasPlace(read.rank, now)) continue;
        asked.add(keyOf(read.part));
        this.#start(read, now, signal);
      }
      if (this.#underWay.size === 0) return;
      await this.#clock.sleep(0, SLOW, signal);
    }
    await this.#end();
  }

  async #end(): Promise<void> {
    await Promise.all([...this.#underWay.values()].map(({ over }) => over));
  }

  #next(now: Millis): Millis {
    const { known, pollInterval } = this.#options;
    const limited = known.limitedAt(now);
    if (limited !== null) return limited.until;
    const slow = [...this.#underWay.values()].map(({ began }) => began + SLOW).filter((at) => at > now);
    return Math.min(this.#pollAt + pollInterval, nextTry(known, now) ?? Infinity, ...slow);
  }

  #due(now: Millis): readonly Read[] {
    const { known, pollInterval } = this.#options;
    return due(known, { at: this.#pollAt, interval: pollInterval }, now);
  }

  #begin(now: Millis, signal: AbortSignal): void {
    for (const read of this.#due(now)) if (this.#hasPlace(read.rank, now)) this.#start(read, now, signal);
  }

  #hasPlace(rank: Rank, now: Millis): boolean {
    if (rank === 'list') return true;
    const others = [...this.#underWay.values()].filter((it) => it.rank !== 'list');
    const young = others.filter(({ began }) => now - began < SLOW);
    if (young.length >= AT_ONCE || others.length >= AT_ONCE + SLOW_AT_ONCE) return false;
    return rank !== 'turn' || young.filter((it) => it.rank === 'turn').length < TURNS_AT_ONCE;
  }

  #start(read: Read, began: Millis, signal: AbortSignal): void {
    const key = keyOf(read.part);
    if (this.#underWay.has(key)) return;
    const over = this.#read(read, signal).finally(() => {
      this.#underWay.delete(key);
      this.#clock.wake();
    });
    this.#underWay.set(key, { rank: read.rank, began, over });
  }

  async #read({ part, rank }: Read, signal: AbortSignal): Promise<void> {
    const { known, clock, github, heard } = this.#options;
    const askedAt = clock.now();
    try {
      const answer: Answer = await withDeadline(signal, READ_TIMEOUT, (inner) =>
        github.read(part, rank, inner),
      );
      if (!signal.aborted) heard(known.answer(part, answer, clock.now()));
    } catch (error) {
      if (!signal.aborted) {
        this.#unread(part, askedAt, error);
        heard(false);
      }
    }
  }

  #unread(part: Part, askedAt: Millis, error: unknown): void {
    const { known, clock } = this.#options;
    const why = messageOf(error);
    if (error instanceof GithubError && error.code === 'rate-limited' && error.retryAt !== null) {
      known.limit({ since: clock.now(), until: error.retryAt, why });
    } else {
      const gone = error instanceof GithubError && error.code === 'not-found';
      known.unread(part, { askedAt, why, gone }, clock.now());
    }
  }
}

function keyOf(part: Part): string {
  switch (part.kind) {
    case 'runs':
      return `runs ${part.scope} ${part.list}`;
    case 'runners':
      return `runners ${part.scope}`;
    case 'jobs':
      return `jobs ${part.scope} ${part.runId}`;
    case 'job':
      return `job ${part.scope} ${part.jobId}`;
    case 'runner':
      return `runner ${part.scope} ${part.runnerId}`;
  }
}
