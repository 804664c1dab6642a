import { untilEither } from '../../abort.ts';
import { EngineError } from '../../core/errors.ts';
import { CommandError, run } from '../command.ts';
import type { Unit } from './units.ts';
import { isUp, showUnits } from './units.ts';

/** After a clean stop began; its unit's own `TimeoutStopSec` kills the container after 60 s. */
const CLEAN_DEADLINE_MS = 75_000;
const KILL_DEADLINE_MS = 20_000;

/**
 * Ends a unit and makes systemd forget it. `clean`: asks, and kills when the unit's stop time-out has passed, or as
 * soon as `cut` fires. Returns when it is inactive and not failed; absent is success.
 */
export async function endUnit(
  unit: string,
  how: { readonly clean: boolean; readonly cut: AbortSignal },
  signal: AbortSignal,
): Promise<void> {
  let now = await find(unit, signal);
  if (now !== null && isUp(now) && how.clean && !how.cut.aborted) {
    await stopCleanly(unit, how.cut, signal);
    now = await find(unit, signal);
  }
  if (now === null) return;
  if (isUp(now)) await kill(unit, signal);
  await systemctl(['stop', '--', unit], signal);
  const after = await find(unit, signal);
  if (after?.active === 'failed') await systemctl(['reset-failed', '--', unit], signal);
  else if (after !== null && isUp(after))
    throw new EngineError('timed-out', `${unit} does not end: it is ${after.active}`);
}

async function stopCleanly(unit: string, cut: AbortSignal, signal: AbortSignal): Promise<void> {
  try {
    await untilEither(cut, signal, (stop) =>
      run(['systemctl', 'stop', '--', unit], { signal: stop, deadlineMs: CLEAN_DEADLINE_MS }),
    );
  } catch (error) {
    signal.throwIfAborted();
    // Cut short, or refused: what is left of it is killed.
    if (!(error instanceof CommandError) && !cut.aborted) throw error;
  }
}

async function kill(unit: string, signal: AbortSignal): Promise<void> {
  // First a stop job, so that nothing that the unit says of restarts can bring it back.
  await systemctl(['stop', '--no-block', '--', unit], signal);
  try {
    await systemctl(['kill', '--signal=KILL', '--', unit], signal);
  } catch (error) {
    // It may have ended by itself meanwhile.
    if (!(error instanceof CommandError)) throw error;
  }
}

async function find(unit: string, signal: AbortSignal): Promise<Unit | null> {
  // As a pattern, because a plain name would make systemd load the unit.
  const found = await showUnits([`${unit}*`], signal);
  return found.find(({ id }) => id === unit) ?? null;
}

async function systemctl(args: readonly string[], signal: AbortSignal): Promise<void> {
  try {
    await run(['systemctl', ...args], { signal, deadlineMs: KILL_DEADLINE_MS });
  } catch (error) {
    if (error instanceof CommandError && error.stderr.includes('not loaded')) return;
    throw error;
  }
}
