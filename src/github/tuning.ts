import type { Millis } from '../core/model.ts';
import type { HourShares } from './rest/governor/hour.ts';
import type { Points } from './rest/governor/minute.ts';
import type { Priority } from './rest/governor/priority.ts';

/** Every bound of the client, in one place so that tests can make them smaller. */
export interface Tuning {
  /**
   * The time-out of one attempt, from connecting to the last byte. Node's fetch would wait five minutes for headers.
   */
  readonly requestTimeout: Millis;
  /** Writes that may go out at once, and how many a second are added after that. */
  readonly writeBurst: number;
  readonly writesPerSecond: number;
  /** Points in any minute: a read is 1, a write 5. GitHub's own wall is 900. */
  readonly pointsPerMinute: number;
  /** The points that each purpose has for itself, whatever the others want. */
  readonly floors: Points;
  /** Parts of the hourly limit. */
  readonly hour: HourShares;
  /** How many requests of each priority are out at once. GitHub allows an identity 100 in all. */
  readonly places: Readonly<Record<Priority, number>>;
  /** Reads of jobs that may go out at once, and how many a second are added. */
  readonly observationReadBurst: number;
  readonly observationReadsPerSecond: number;
  /** Attempts of one read, and the mean wait before the second; it doubles each time. */
  readonly readTries: number;
  readonly retryDelay: Millis;
  /** The waits before each search for a runner that a lost answer may have made. */
  readonly readBackDelays: readonly Millis[];
  /** The time-out of a registration token, its wait for a share of the budget included. */
  readonly tokenTimeout: Millis;
  /** Pages of one list. GitHub allows 10,000 runners, a hundred a page. */
  readonly maxPages: number;
  readonly cacheEntries: number;
  /** Characters of JSON kept for 304s. */
  readonly cacheSize: number;
  /** Bytes of one answer. */
  readonly bodySize: number;
}

export const DEFAULT_TUNING: Tuning = {
  requestTimeout: 15_000,
  writeBurst: 10,
  writesPerSecond: 3,
  pointsPerMinute: 450,
  floors: { observation: 60, registration: 60, cleanup: 30 },
  hour: { burst: 0.2, reserve: 0.1 },
  places: { cleanup: 12, registration: 16, list: 16, fresh: 16, turn: 4 },
  observationReadBurst: 60,
  observationReadsPerSecond: 3,
  readTries: 3,
  retryDelay: 250,
  readBackDelays: [0, 1_000, 3_000],
  tokenTimeout: 60_000,
  maxPages: 100,
  cacheEntries: 2_000,
  cacheSize: 16 * 1024 * 1024,
  bodySize: 16 * 1024 * 1024,
};
