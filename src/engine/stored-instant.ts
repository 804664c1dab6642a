import { z } from 'zod';

import type { Instant } from '../core/time/instant.ts';
import { wallInstant } from '../core/time/instant.ts';

/** A time in a record beside a container. Version 0.1.0 noted what the wall clock said. */
export const storedInstant: z.ZodType<Instant> = z.union([
  z.strictObject({ boot: z.string(), monotonic: z.number(), wall: z.number() }),
  z.number().transform(wallInstant),
]);
