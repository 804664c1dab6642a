import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Clock } from './core/ports.ts';

/** Nanoseconds in a millisecond. */
const NANOS = 1_000_000n;

/** The clock of this machine. */
export const systemClock: Clock = {
  get boot() {
    boot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return boot;
  },
  now: () => Number(process.hrtime.bigint() / NANOS),
  wall: () => Date.now(),
  sleep: async (ms, signal) => {
    try {
      await sleep(Math.max(0, ms), undefined, { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  },
};

let boot: string | undefined;
