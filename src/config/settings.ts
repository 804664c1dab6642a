import { readVariable } from './env.ts';
import type { ConfigFile } from './file.ts';
import { parseConfigFile } from './file.ts';
import type { GivenValue, Parse } from './kinds/kind.ts';
import { Rejected } from './kinds/kind.ts';
import { nearest } from './nearest.ts';
import type { Feature, Problem, Unsupported } from './problem.ts';
import { shown, shownKey } from './problem.ts';
import type { Origin, Row, Rows, ValuesOf } from './rows/row.ts';
import { fallbackOf, variableOf } from './rows/row.ts';
import type { SettingKey } from './rows/rows.ts';
import { SETTINGS } from './rows/rows.ts';

/** The given settings, in which the environment overrides the file, and the list of all problems found in them. */
export class Settings {
  readonly problems: Problem[] = [];
  readonly warnings: string[] = [];
  readonly origin: Origin;
  /** A file was given and could not be understood, so no setting can be called missing. */
  readonly fileBroken: boolean;
  readonly #file: Readonly<Record<string, unknown>>;
  readonly #unsupported: Unsupported;

  constructor(origin: Origin, file: ConfigFile | undefined, unsupported: Unsupported) {
    this.origin = origin;
    this.#unsupported = unsupported;
    const { value, problems } = file === undefined ? { value: {}, problems: [] } : parseConfigFile(file);
    this.fileBroken = value === null;
    this.#file = value ?? {};
    this.problems.push(...problems);
  }

  /** The variable alone, whatever the file says. */
  variable(key: SettingKey): GivenValue | undefined {
    const setting = variableOf(key);
    const value = readVariable(this.origin.env, setting);
    return value === undefined ? undefined : { setting, value, from: 'variable' };
  }

  /** The file's key alone, whatever the environment says. */
  key(key: SettingKey | 'scopes' | 'classes'): GivenValue | undefined {
    return member(this.#file, key, key);
  }

  /** The variable, or else the file's key of that name. */
  pick(key: SettingKey): GivenValue | undefined {
    return this.variable(key) ?? this.key(key);
  }

  /**
   * Every setting of a table, from where `find` finds it; what is not found is the default, or what `instead` has for it.
   * A wrong value counts as the default, so that the other settings are still checked.
   */
  read<R extends Rows>(
    rows: R,
    find: (key: keyof R & string) => GivenValue | undefined,
    instead: Partial<ValuesOf<R>> = {},
  ): ValuesOf<R> {
    const values = Object.entries(rows).map(([key, row]) => {
      const given = find(key);
      const fallback = key in instead ? instead[key] : undefined;
      const value = given === undefined ? undefined : this.parse(given, row.kind.parse, undefined);
      if (given !== undefined && value !== undefined) this.#refuseUnbuilt(row, given, value);
      return [key, value ?? fallback ?? this.#default(key, row, given)];
    });
    return Object.fromEntries(values) as ValuesOf<R>;
  }

  /** Read as any value, because it may come from the environment; null when there is none. */
  #default(key: string, row: Row, given: GivenValue | undefined): unknown {
    const value = fallbackOf(row, this.origin);
    if (value !== null)
      return this.parse({ setting: variableOf(key), value, from: 'file' }, row.kind.parse, null);
    if (given === undefined && row.needed !== undefined && typeof row.fallback === 'function')
      this.missing(variableOf(key), row.needed);
    return null;
  }

  /** Until what it needs is built, a setting may only have its default. */
  #refuseUnbuilt(row: Row, given: GivenValue, value: unknown): void {
    if (row.needs === undefined) return;
    const same = JSON.stringify(row.kind.print(value)) === JSON.stringify(fallbackOf(row, this.origin));
    if (!same) this.refuse(row.needs, given.setting, shown(given.value));
  }

  parse<T, F>(given: GivenValue | undefined, parse: Parse<T>, fallback: F): T | F {
    if (given === undefined) return fallback;
    const value = parse(given);
    if (!(value instanceof Rejected)) return value;
    this.reject(given, value);
    return fallback;
  }

  reject(given: GivenValue, { expected, given: part }: Rejected): void {
    this.report({ setting: given.setting, given: part ?? shown(given.value), expected });
  }

  missing(setting: string, expected: string): void {
    if (!this.fileBroken) this.report({ setting, given: null, expected });
  }

  /** Reports a feature if this version lacks it. */
  refuse(feature: Feature, setting: string, given: string): void {
    const expected = this.#unsupported[feature];
    if (expected !== undefined) this.report({ setting, given, expected });
  }

  /** Reports a problem once, although a general setting is checked for every class that uses it. */
  report(problem: Problem): void {
    const known = this.problems.some(
      ({ setting, given, expected }) =>
        setting === problem.setting && given === problem.given && expected === problem.expected,
    );
    if (!known) this.problems.push(problem);
  }

  warn(setting: string, text: string): void {
    this.warnings.push(`${setting}: ${text}`);
  }

  rejectUnknownKeys(): void {
    this.rejectUnknownMembers(this.#file, [...Object.keys(SETTINGS), 'scopes', 'classes'], '');
  }

  /** Reports unknown keys without their values: under a misspelt key there may be a secret. */
  rejectUnknownMembers(object: object, known: readonly string[], path: string): void {
    for (const key of Object.keys(object)) {
      if (known.includes(key)) continue;
      const near = nearest(key, known);
      this.report({
        setting: `${path}${shownKey(key)}`,
        given: 'an unknown key',
        expected: near === null ? oneOfThose(known) : `perhaps ${near}`,
      });
    }
  }
}

/** The known keys, unless they would fill the screen. */
function oneOfThose(known: readonly string[]): string {
  return known.length > 12 ? 'one of those that check-config --schema shows' : `one of ${known.join(', ')}`;
}

/** A member of a JSON object; inherited names are absent, and so is null, which the reading of the file has reported. */
export function member(
  object: Readonly<Record<string, unknown>>,
  key: string,
  setting: string,
): GivenValue | undefined {
  const value = Object.hasOwn(object, key) ? object[key] : undefined;
  return value === undefined || value === null ? undefined : { setting, value, from: 'file' };
}
