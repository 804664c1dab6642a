import type { Flags } from './index.ts';
import type { Io } from './io.ts';

export async function demo(_io: Io, _flags: Flags): Promise<number> {
  return 0;
}
