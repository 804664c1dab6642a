import { absolutePath, text, textBy, words } from './basic.ts';
import type { Kind } from './kind.ts';
import { Rejected } from './kind.ts';

const SUBNETS = 'ranges 192.168.A-B or 192.168.A separated by commas, with 0 <= A <= B <= 255';

/** The N of each 192.168.N.0/24, in the order written; one that is named twice counts once. */
export const subnets: Kind<readonly number[]> = {
  parse: ({ value }) => {
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
  },
  print: printSubnets,
  schema: { type: 'string', pattern: String.raw`^192\.168\.\d+(-\d+)?(,192\.168\.\d+(-\d+)?)*$` },
};

/** Writes ascending neighbours as a range. The order stays, because subnets are used in that order. */
function printSubnets(numbers: readonly number[]): string {
  const ranges: { readonly first: number; last: number }[] = [];
  for (const n of numbers) {
    const open = ranges.at(-1);
    if (open !== undefined && open.last + 1 === n) open.last = n;
    else ranges.push({ first: n, last: n });
  }
  return ranges
    .map(({ first, last }) => (first === last ? `192.168.${first}` : `192.168.${first}-${last}`))
    .join(',');
}

const LONGEST_RUNTIME_DIR = 90;

/** systemd expands `%` and `$`, and splits its settings at spaces and colons: such a path cannot be passed on. */
export const stateDir: Kind<string> = {
  ...absolutePath(),
  parse: (given) => {
    const path = absolutePath().parse(given);
    if (path instanceof Rejected) return path;
    return /[\s:%$\p{C}]/u.test(path) ? new Rejected('an absolute path without a space, :, % or $') : path;
  },
};

/** Node cuts a Unix socket's path at about 107 bytes without an error. */
export const runtimeDir: Kind<string> = {
  ...stateDir,
  parse: (given) => {
    const path = stateDir.parse(given);
    if (path instanceof Rejected) return path;
    const bytes = new TextEncoder().encode(path).length;
    return bytes > LONGEST_RUNTIME_DIR
      ? new Rejected(`an absolute path of at most ${LONGEST_RUNTIME_DIR} bytes, not ${bytes}`)
      : path;
  },
};

function isHostName(value: unknown): value is string {
  const name = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9.])?$/;
  const ipv6 = /^(?=.*:.*:)[0-9A-Fa-f:.]+(?:%[A-Za-z0-9._-]+)?$/;
  return typeof value === 'string' && (name.test(value) || ipv6.test(value));
}

export const httpHost: Kind<string> = textBy(({ value }) =>
  isHostName(value)
    ? value
    : new Rejected('an address or host name without a port, such as 127.0.0.1 or ::1'),
);

export const allowedHosts = words(
  'name',
  (name) => (name === '*' || isHostName(name) ? null : 'host names without a port, or *'),
  100,
);

export const programName = text(/^(?:\/[^\0]*|[^/\0]+)$/, 'the name of a program, or its absolute path');

export const shellCommand = text(/^(?=[^]*\S)[^\0]+$/, 'a shell command that runs one job');

/** `pick`, `identity`, or the first uid of the range with an optional length, as `--private-users` takes them. */
export const privateUsers: Kind<boolean | string> = {
  parse: ({ value }) => {
    if (typeof value === 'boolean') return value;
    const form = /^(?:pick|identity|[1-9]\d{0,9}(?::[1-9]\d{0,9})?)$/;
    return typeof value === 'string' && form.test(value)
      ? value
      : new Rejected('true, false, "pick", "identity" or "UID" or "UID:COUNT"');
  },
  print: (value) => value,
  schema: { anyOf: [{ type: 'boolean' }, { type: 'string', pattern: '^(pick|identity|[1-9][0-9:]*)$' }] },
};
