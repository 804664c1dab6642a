/**
 * How times are kept beyond a process and shown to people. Everything else in the core reckons in `Millis` of this boot and
 * knows no wall clock. Start here; `carry-over.ts` brings a whole stored state to the clock of this boot.
 */
import type { Millis, WallTime } from '../model.ts';
import type { Clock } from '../ports.ts';

/**
 * A time as it is stored. Within its boot the monotonic clock alone counts, whatever is done to the wall clock meanwhile.
 * The monotonic clock of another boot says nothing, so there the wall clock tells how long ago it was.
 */
export interface Instant {
  /** Of the host; empty where an older version noted a time by the wall clock alone. */
  readonly boot: string;
  readonly monotonic: Millis;
  readonly wall: WallTime;
}

/** What a clock says now. */
export function instantOf(clock: Clock): Instant {
  return { boot: clock.boot, monotonic: clock.now(), wall: clock.wall() };
}

/** A time that was noted by the wall clock alone. */
export function wallInstant(wall: WallTime): Instant {
  return { boot: '', monotonic: wall, wall };
}

/**
 * A stored time that is over, on the monotonic clock of this boot; negative when it was before it. However wrong the wall
 * clock was or is, it is never in the future.
 */
export function restore(then: Instant, now: Instant): Millis {
  if (then.boot === now.boot) return Math.min(then.monotonic, now.monotonic);
  return now.monotonic - Math.max(0, now.wall - then.wall);
}

/** What the wall clock as it is set now would have said, or will say, at this time. */
export function wallAt(at: Millis, now: Pick<Instant, 'monotonic' | 'wall'>): WallTime {
  return at - now.monotonic + now.wall;
}
