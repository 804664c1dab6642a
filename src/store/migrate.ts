import type { Instant } from '../core/time/instant.ts';
import { wallInstant } from '../core/time/instant.ts';
import type { LedgerErrorCode } from './errors.ts';

/** The version of the ledger file that this program writes. */
export const CURRENT_VERSION = 3;

export type LedgerFile = Readonly<Record<string, unknown>>;

/** Takes the content of one version to that of the next; `version` itself is set by `migrate`. */
export type Step = (file: LedgerFile, now: Instant) => LedgerFile;

/** The step with key N leads from version N to N + 1. */
const STEPS: ReadonlyMap<number, Step> = new Map([
  [1, (file) => file],
  [2, toVersion3],
]);

/**
 * Times were those of the wall clock, and what it said when they were written down was not noted. One time stood for the
 * answers about all scopes; a claim did not know that its container had ended, nor an instance when GitHub called it busy,
 * or over. What failed and what is held was not told apart by class, shape and scope: it is forgotten, and each is tried
 * once more.
 */
function toVersion3({ taken, instances, ...file }: LedgerFile, now: Instant): LedgerFile {
  const each = (list: unknown, next: (one: LedgerFile) => LedgerFile): unknown =>
    Array.isArray(list) ? list.map(next) : list;
  return {
    ...file,
    clock: wallInstant(now.wall),
    answeredAt: {},
    taken: each(taken, ({ unproven: _unproven, ...claim }) => ({ endedAt: null, ...claim })),
    instances: each(instances, (one) => ({ refusedAt: null, overSince: null, ...one })),
    failures: [],
    ghosts: [],
    suspects: [],
    given: [],
  };
}

export type Migrated =
  | { readonly ok: true; readonly file: LedgerFile }
  | { readonly ok: false; readonly code: LedgerErrorCode; readonly why: string };

/** Brings a parsed ledger file to the current version, or says why it cannot be. */
export function migrate(
  file: LedgerFile,
  now: Instant,
  current: number = CURRENT_VERSION,
  steps: ReadonlyMap<number, Step> = STEPS,
): Migrated {
  let version = file['version'];
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1) {
    return { ok: false, code: 'corrupt', why: 'it has no valid "version"' };
  }
  if (version > current) {
    return {
      ok: false,
      code: 'newer',
      why: `it has version ${version}, and ${current} is the newest known here`,
    };
  }
  let migrated = file;
  while (version < current) {
    const step = steps.get(version);
    if (step === undefined) {
      return { ok: false, code: 'corrupt', why: `nothing is known of a version ${version}` };
    }
    version += 1;
    migrated = { ...step(migrated, now), version };
  }
  return { ok: true, file: migrated };
}
