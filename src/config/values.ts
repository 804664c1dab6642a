import { isAbsolute, normalize } from 'node:path';

import { shown } from './problem.ts';
import type { Parse } from './settings.ts';
import { Rejected } from './settings.ts';

/**
 * A whole number within bounds. A variable must be decimal digits and nothing else, because `Number` would
 * take "1e3", "0x10" and " 7"; the file must hold a JSON number.
 */
export function wholeNumber(min: number, max: number, unit = ''): Parse<number> {
  const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  const wrong = new Rejected(`a whole number${unit === '' ? '' : ` of ${unit}`} ${range}`);
  return ({ value, from }) => {
    const digits = from === 'variable' && typeof value === 'string' && /^[0-9]+$/.test(value);
    const number = digits ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isSafeInteger(number)) return wrong;
    return number >= min && number <= max ? number : wrong;
  };
}

/** Whole seconds outside, milliseconds inside. */
export function seconds(min: number, max: number): Parse<number> {
  const parse = wholeNumber(min, max, 'seconds');
  return (given) => {
    const number = parse(given);
    return number instanceof Rejected ? number : number * 1000;
  };
}

export function oneOf<const T extends string>(choices: readonly T[]): Parse<T> {
  return ({ value }) =>
    choices.find((choice) => choice === value) ?? new Rejected(`one of ${choices.join(', ')}`);
}

/** Text that matches; `expected` is what to write instead. */
export function text(pattern: RegExp, expected: string): Parse<string> {
  return ({ value }) => (typeof value === 'string' && pattern.test(value) ? value : new Rejected(expected));
}

export function absolutePath(expected = 'an absolute path'): Parse<string> {
  return ({ value }) => {
    if (typeof value !== 'string' || !isAbsolute(value) || value.includes('\0'))
      return new Rejected(expected);
    const path = normalize(value);
    return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
  };
}

const OWNER = '[A-Za-z0-9][A-Za-z0-9_-]{0,38}';
const REPOSITORY = new RegExp(`^${OWNER}/(?!\\.{1,2}$)(?!.*\\.git$)[A-Za-z0-9._-]{1,100}$`);

export const repository = text(REPOSITORY, 'owner/repo, for example octo/widgets');

export const organisation = text(
  new RegExp(`^${OWNER}$`),
  'the name of an organisation, for example octo-org',
);

/** GitHub takes at most 100 labels of at most 256 characters each. A variable separates them with commas. */
export const labels: Parse<readonly string[]> = ({ value, from }) => {
  const list = typeof value === 'string' ? value.split(',') : value;
  if (!Array.isArray(list) || list.length === 0) {
    return new Rejected(from === 'file' ? 'a list of labels' : 'labels separated by commas');
  }
  const kept = new Map<string, string>();
  for (const label of list as readonly unknown[]) {
    const expected = faultOfLabel(label);
    if (expected !== null)
      return new Rejected(expected, label === value ? null : `the label ${shown(label)}`);
    if (typeof label === 'string' && !kept.has(label.toLowerCase())) kept.set(label.toLowerCase(), label);
  }
  return kept.size > 100 ? new Rejected('at most 100 labels', `${kept.size} labels`) : [...kept.values()];
};

function faultOfLabel(label: unknown): string | null {
  if (typeof label !== 'string') return 'labels that are text';
  if (label === '') return 'labels that are not empty';
  if (label.length > 256) return 'labels of at most 256 characters';
  return /[,\s\p{C}]/u.test(label) ? 'labels without a comma or a space, written a,b,c' : null;
}

const SUBNETS = 'ranges 192.168.A-B or 192.168.A separated by commas, with 0 <= A <= B <= 255';

/** The N's in the order written; one that is named twice counts once. */
export const subnets: Parse<readonly number[]> = ({ value }) => {
  if (typeof value !== 'string') return new Rejected(SUBNETS);
  const found = new Set<number>();
  for (const range of value.split(',')) {
    const [, first, last = first] = /^192\.168\.(0|[1-9]\d{0,2})(?:-(0|[1-9]\d{0,2}))?$/.exec(range) ?? [];
    const from = Number(first);
    const to = Number(last);
    // Number(undefined) is NaN, which fails both comparisons.
    if (!(from <= to && to <= 255)) return new Rejected(SUBNETS);
    for (let n = from; n <= to; n += 1) found.add(n);
  }
  return [...found];
};

const API_URL = 'https://api.github.com or https://HOST/api/v3, without user name, query or fragment';

/** The API's URL. Credentials are sent there, so whatever could lead elsewhere is refused. */
export const apiUrl: Parse<string> = ({ value }) => {
  if (typeof value !== 'string' || !/^https?:\/\/[!-[\]-~]+$/i.test(value)) return new Rejected(API_URL);
  if (!URL.canParse(value)) return new Rejected(API_URL);
  const url = new URL(value);
  const plain = `${url.username}${url.password}` === '' && !/[?#]/.test(value);
  const web = url.hostname === 'github.com' || url.hostname === 'www.github.com';
  if (!plain || web) return new Rejected(API_URL);
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
};

export function isUnprotected(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  const loopback = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
  return protocol === 'http:' && !loopback;
}

/** The first part of every runner's name: `[A-Za-z0-9-]`, at most 40 characters. */
export function namePrefix(given: string): string {
  const prefix = given.replaceAll(/[^A-Za-z0-9-]/gu, '-').slice(0, 40);
  return prefix === '' ? 'host' : prefix;
}
