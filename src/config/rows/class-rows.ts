import { absolutePath, duration, oneOf, text, wholeNumber } from '../kinds/basic.ts';
import { labels } from '../kinds/github.ts';
import { privateUsers } from '../kinds/host.ts';
import type { Rows } from './row.ts';

const BYTES = wholeNumber(1, Number.MAX_SAFE_INTEGER, 'bytes');

/** A class always has one of these: its own or the general one. */
const inherited = (): null => null;

/** What is built where nothing says what a container boots. */
export const DEFAULT_TEMPLATE = '/etc/nixos/ci-container-template.nix';

/** The keys of a class. */
export const CLASS_SETTINGS = {
  name: {
    kind: text(
      /^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/,
      'a name of up to 32 letters, digits, - and _, for example default',
    ),
    fallback: inherited,
    fallbackText: '–',
    meaning: 'letters, digits, `-` and `_`',
  },
  labels: {
    kind: labels,
    fallback: inherited,
    fallbackText: '–',
    meaning: 'what its runners offer; may be left out of a single class',
  },
  max: {
    kind: wholeNumber(1, 100),
    fallback: inherited,
    fallbackText: '`maxConcurrent`',
    meaning: 'containers of this class at once',
  },
  jobTimeout: {
    kind: duration(1, 604_800),
    fallback: inherited,
    fallbackText: '`jobTimeout`',
    meaning: 'how long one of its runners may be busy',
  },
  containerSystem: {
    kind: absolutePath('the absolute path of a prebuilt container system'),
    fallback: null,
    fallbackText: 'the general one',
    meaning: 'what its containers boot (`ENGINE=nixos-container`)',
    option: 'container.system',
  },
  containerTemplate: {
    kind: absolutePath('the absolute path of a container template, or set CONTAINER_SYSTEM'),
    fallback: null,
    fallbackText: 'the general one',
    meaning: 'what that is built from; set here it goes before a general `containerSystem`',
    option: null,
  },
  privateUsers: {
    kind: privateUsers,
    fallback: false,
    meaning: "a user namespace: `true`, or a value of systemd-nspawn's `--private-users`",
  },
  maxPerRepository: {
    kind: wholeNumber(1, 100),
    fallback: null,
    meaning: 'containers of this class at once for one repository',
    needs: 'per-repository',
    option: null,
  },
  nix: {
    kind: oneOf(['host', 'none']),
    fallback: 'host',
    meaning: "`none` keeps the host's Nix daemon and database from its jobs",
    needs: 'nix-none',
    option: null,
  },
  scaleSet: {
    kind: text(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'the name of a runner scale set'),
    fallback: null,
    meaning: 'serve it through the runner scale set of this name',
    needs: 'scale-set',
    option: null,
  },
  minIdle: {
    kind: wholeNumber(0, 100),
    fallback: 0,
    meaning: 'registered idle runners to keep',
    needs: 'min-idle',
    option: null,
  },
} as const satisfies Rows;

/** The keys of a class's `limits`, in the ranges that systemd accepts; that of CPU is bounded above what any host has. */
export const LIMIT_SETTINGS = {
  cpuPercent: {
    kind: wholeNumber(1, 100_000, 'percent of one core'),
    fallback: null,
    meaning: '100 is one core',
  },
  memoryMaxBytes: { kind: BYTES, fallback: null, meaning: 'hard limit', option: 'memoryMax' },
  memoryHighBytes: {
    kind: BYTES,
    fallback: null,
    meaning: 'soft limit: above it the container is slowed down',
    option: 'memoryHigh',
  },
  tasksMax: { kind: wholeNumber(1, 4_194_304, 'tasks'), fallback: null, meaning: 'processes and threads' },
  ioWeight: {
    kind: wholeNumber(1, 10_000),
    fallback: null,
    meaning: "share of the disk's time; systemd's default is 100",
  },
  memorySwapMaxBytes: {
    kind: wholeNumber(0, Number.MAX_SAFE_INTEGER, 'bytes'),
    fallback: null,
    fallbackText: '0',
    meaning: 'swap on top of the memory',
    option: null,
  },
} as const satisfies Rows;
