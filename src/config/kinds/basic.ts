import { isAbsolute, normalize } from 'node:path';

import { durationText } from '../../core/text.ts';
import { shown } from '../problem.ts';
import type { Kind, Parse } from './kind.ts';
import { Rejected } from './kind.ts';

/**
 * A whole number within bounds. A variable must be decimal digits and nothing else, because `Number` would
 * take "1e3", "0x10" and " 7"; the file must hold a JSON number.
 */
export function wholeNumber(min: number, max: number, unit = ''): Kind<number> {
  const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  const wrong = new Rejected(`a whole number${unit === '' ? '' : ` of ${unit}`} ${range}`);
  return {
    parse: ({ value, from }) => {
      const digits = from === 'variable' && typeof value === 'string' && /^[0-9]+$/.test(value);
      const number = digits ? Number(value) : value;
      if (typeof number !== 'number' || !Number.isSafeInteger(number)) return wrong;
      return number >= min && number <= max ? number : wrong;
    },
    print: (value) => value,
    schema: { type: 'integer', minimum: min, maximum: max },
    ...(max === Number.MAX_SAFE_INTEGER ? {} : { range: `${min}–${max}` }),
  };
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };
const WITH_UNIT = '^[0-9]+[smhd]$';

/** Seconds in text such as `90s`, `15m`, `2h`, `7d`; NaN when it is none. */
function secondsOf(text: string): number {
  return new RegExp(WITH_UNIT).test(text) ? Number(text.slice(0, -1)) * (UNITS[text.slice(-1)] ?? NaN) : NaN;
}

/** Whole seconds, or a number with a unit, outside; milliseconds inside. The bounds are in seconds. */
export function duration(min: number, max: number): Kind<number> {
  const number = wholeNumber(min, max, 'seconds');
  const wrong = new Rejected(
    `a whole number of seconds from ${min} to ${max}, or a whole number with s, m, h or d`,
  );
  return {
    parse: (given) => {
      const { value } = given;
      const seconds = typeof value === 'string' ? secondsOf(value) : NaN;
      const parsed = number.parse(Number.isNaN(seconds) ? given : { ...given, value: seconds });
      return parsed instanceof Rejected ? wrong : parsed * 1000;
    },
    print: (value) => value / 1000,
    schema: { anyOf: [number.schema, { type: 'string', pattern: WITH_UNIT }] },
    range: `${durationText(min * 1000)} to ${durationText(max * 1000)}`,
  };
}

export function oneOf<const T extends string>(choices: readonly T[]): Kind<T> {
  return {
    range: choices.map((choice) => `\`${choice}\``).join(', '),
    parse: ({ value }) =>
      choices.find((choice) => choice === value) ?? new Rejected(`one of ${choices.join(', ')}`),
    print: (value) => value,
    schema: { enum: choices },
  };
}

/** Text that a parser takes, and keeps as text. */
export function textBy(parse: Parse<string>): Kind<string> {
  return { parse, print: (value) => value, schema: { type: 'string', minLength: 1 } };
}

/** Text that matches; `expected` is what to write instead. */
export function text(pattern: RegExp, expected: string): Kind<string> {
  return textBy(({ value }) =>
    typeof value === 'string' && pattern.test(value) ? value : new Rejected(expected),
  );
}

export function absolutePath(expected = 'an absolute path'): Kind<string> {
  return {
    ...textBy(({ value }) => {
      if (typeof value !== 'string' || !isAbsolute(value) || value.includes('\0'))
        return new Rejected(expected);
      const path = normalize(value);
      return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
    }),
    schema: { type: 'string', pattern: '^/' },
  };
}

/**
 * The path of a file that holds a secret. Somebody may have written the secret itself instead of its path, so a value
 * that is no path is never shown.
 */
export function secretPath(what: string): Kind<string> {
  const path = absolutePath(`the absolute path of a file that holds ${what}`);
  return {
    ...path,
    parse: (given) => {
      const parsed = path.parse(given);
      return parsed instanceof Rejected
        ? new Rejected(parsed.expected, 'no absolute path (not shown)')
        : parsed;
    },
  };
}

/**
 * A list of words, each kept once in its first spelling. A variable separates them with commas, and the file may too.
 * `faultOf` says what is wrong with one of them, null: nothing. Words that differ in case alone are the same.
 */
export function words(
  noun: string,
  faultOf: (word: unknown) => string | null,
  most: number,
): Kind<readonly string[]> {
  return {
    parse: ({ value, from }) => {
      const list: unknown = typeof value === 'string' ? value.split(',') : value;
      if (!Array.isArray(list) || list.length === 0) {
        return new Rejected(from === 'file' ? `a list of ${noun}s` : `${noun}s separated by commas`);
      }
      const kept = new Map<string, string>();
      for (const word of list as readonly unknown[]) {
        const expected = faultOf(word);
        if (expected !== null)
          return new Rejected(expected, word === value ? null : `the ${noun} ${shown(word)}`);
        if (typeof word === 'string' && !kept.has(word.toLowerCase())) kept.set(word.toLowerCase(), word);
      }
      return kept.size > most
        ? new Rejected(`at most ${most} ${noun}s`, `${kept.size} ${noun}s`)
        : [...kept.values()];
    },
    print: (value) => value,
    schema: { anyOf: [{ type: 'array', minItems: 1, items: { type: 'string' } }, { type: 'string' }] },
  };
}
