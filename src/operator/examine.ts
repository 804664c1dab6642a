import { messageOf } from '../core/errors.ts';
import type { Finding } from '../core/ports.ts';

/** One part that is examined; `check` names it where the examination itself fails. */
export interface Part {
  readonly check: string;
  readonly ask: () => Promise<readonly Finding[]>;
}

/** Examines all parts at once; findings come in the order of the parts. */
export async function examine(parts: readonly Part[]): Promise<readonly Finding[]> {
  return (await Promise.all(parts.map(examined))).flat();
}

async function examined({ check, ask }: Part): Promise<readonly Finding[]> {
  try {
    return await ask();
  } catch (error) {
    return [{ check, level: 'fail', detail: messageOf(error) }];
  }
}
