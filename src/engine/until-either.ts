import { whenAborted } from '../abort.ts';

/** Runs `work` under a signal that fires with the first of the two. Leaves no trace on either, unlike `AbortSignal.any`. */
export async function untilEither<T>(
  one: AbortSignal,
  other: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const inner = new AbortController();
  const forget = [one, other].map((signal) => whenAborted(signal, (reason) => inner.abort(reason)));
  try {
    return await work(inner.signal);
  } finally {
    for (const each of forget) each();
  }
}
