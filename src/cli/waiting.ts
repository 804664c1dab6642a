import type { Io } from './io.ts';

/** What takes longer than this is said to be waited for. */
const SILENCE = 2_000;

/** `saying` for work that says itself what it waits for. */
export function sayingTo(io: Pick<Io, 'err'>): <T>(what: string, work: Promise<T>) => Promise<T> {
  return (what, work) => saying(io, what, work);
}

/** Awaits the work; once it takes long, says on stderr what is waited for. */
export async function saying<T>(io: Pick<Io, 'err'>, what: string, work: Promise<T>): Promise<T> {
  const timer = setTimeout(() => io.err(`waiting for ${what}`), SILENCE);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}
