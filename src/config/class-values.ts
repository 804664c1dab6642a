import type { ContainerLimits } from '../core/policy.ts';
import { isObject } from './file.ts';
import { shown } from './problem.ts';
import type { GivenValue, Parse, Settings } from './settings.ts';
import { member, Rejected } from './settings.ts';
import { wholeNumber } from './values.ts';

const BYTES = wholeNumber(1, Number.MAX_SAFE_INTEGER, 'bytes');

/** The ranges that systemd accepts. That of CPU is bounded above what any host has. */
const LIMITS = {
  cpuPercent: wholeNumber(1, 100_000, 'percent of one core'),
  memoryMaxBytes: BYTES,
  memoryHighBytes: BYTES,
  tasksMax: wholeNumber(1, 4_194_304, 'tasks'),
  ioWeight: wholeNumber(1, 10_000),
} as const satisfies Record<keyof ContainerLimits, Parse<number>>;

const LIMIT_KEYS = ['cpuPercent', 'memoryMaxBytes', 'memoryHighBytes', 'tasksMax', 'ioWeight'] as const;

export function parseLimits(
  settings: Settings,
  given: GivenValue | undefined,
  path: string,
): ContainerLimits {
  if (given === undefined) return {};
  const { value } = given;
  if (!isObject(value)) {
    settings.reject(given, new Rejected(`an object with any of ${LIMIT_KEYS.join(', ')}`));
    return {};
  }
  settings.rejectUnknownMembers(value, LIMIT_KEYS, `${path}.`);
  const limits: { -readonly [Key in keyof ContainerLimits]: ContainerLimits[Key] } = {};
  for (const key of LIMIT_KEYS) {
    const limit = settings.parse(member(value, key, `${path}.${key}`), LIMITS[key], null);
    if (limit !== null) limits[key] = limit;
  }
  const { memoryHighBytes: high, memoryMaxBytes: max } = limits;
  if (high !== undefined && max !== undefined && high > max) {
    const expected = `at most memoryMaxBytes (${max}), or it never applies`;
    settings.report({ setting: `${path}.memoryHighBytes`, given: shown(high), expected });
  }
  return limits;
}

/** `pick`, `identity`, or the first uid of the range with an optional length, as `--private-users` takes them. */
export const parsePrivateUsers: Parse<boolean | string> = ({ value }) => {
  if (typeof value === 'boolean') return value;
  const form = /^(?:pick|identity|[1-9]\d{0,9}(?::[1-9]\d{0,9})?)$/;
  return typeof value === 'string' && form.test(value)
    ? value
    : new Rejected('true, false, "pick", "identity" or "UID" or "UID:COUNT"');
};
