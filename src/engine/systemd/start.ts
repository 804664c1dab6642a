import { EngineError } from '../../core/errors.ts';
import { CommandError, run } from '../command.ts';

/** Runs the command that starts a unit and returns when the unit is ready; its failure is told in the unit's own words. */
export async function startUnit(
  unit: string,
  argv: readonly [string, ...string[]],
  more: {
    /** How it ended, in the unit's own words; null: it left none. */
    readonly endOf: () => string | null;
    readonly deadlineMs: number;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { endOf, deadlineMs, signal } = more;
  try {
    await run(argv, { signal, deadlineMs });
  } catch (error) {
    if (!(error instanceof CommandError) || error.timedOut || signal.aborted) throw error;
    const end = endOf() ?? error.stderr.trim();
    throw new EngineError(
      'not-ready',
      `${unit} did not get ready: ${end === '' ? 'no reason given' : end}; see journalctl -u ${unit}`,
      {
        cause: error,
      },
    );
  }
}
