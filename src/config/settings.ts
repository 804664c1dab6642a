import type { Environment, Variable } from './env.ts';
import { keyOf, readVariable, VARIABLES } from './env.ts';
import type { ConfigFile } from './file.ts';
import { parseConfigFile } from './file.ts';
import { nearest } from './nearest.ts';
import type { Feature, Problem, Unsupported } from './problem.ts';
import { shown, shownKey } from './problem.ts';

/** A value that was given, and where. Variables are always text; the file has JSON types. */
export interface GivenValue {
  readonly setting: string;
  readonly value: unknown;
  readonly from: 'variable' | 'file';
}

/** A parser's answer to a value that it refuses. `given` stands for the whole value in the message. */
export class Rejected {
  readonly expected: string;
  readonly given: string | null;

  constructor(expected: string, given: string | null = null) {
    this.expected = expected;
    this.given = given;
  }
}

export type Parse<T> = (given: GivenValue) => T | Rejected;

/** The given settings, in which the environment overrides the file, and the list of all problems found in them. */
export class Settings {
  readonly problems: Problem[] = [];
  readonly warnings: string[] = [];
  readonly env: Environment;
  /** A file was given and could not be understood, so no setting can be called missing. */
  readonly fileBroken: boolean;
  readonly #file: Readonly<Record<string, unknown>>;
  readonly #unsupported: Unsupported;

  constructor(env: Environment, file: ConfigFile | undefined, unsupported: Unsupported) {
    this.env = env;
    this.#unsupported = unsupported;
    const parsed = file === undefined ? { value: {} } : parseConfigFile(file);
    this.fileBroken = 'problem' in parsed;
    this.#file = 'problem' in parsed ? {} : parsed.value;
    if ('problem' in parsed) this.problems.push(parsed.problem);
  }

  /** The variable alone, whatever the file says. */
  variable(name: Variable): GivenValue | undefined {
    const value = readVariable(this.env, name);
    return value === undefined ? undefined : { setting: name, value, from: 'variable' };
  }

  /** The file's key alone, whatever the environment says. `null` in the file is unset. */
  key(key: string): GivenValue | undefined {
    return member(this.#file, key, key);
  }

  /** The variable, or else the file's key of that name. */
  pick(name: Variable): GivenValue | undefined {
    return this.variable(name) ?? this.key(keyOf(name));
  }

  /** Uses `fallback` for a missing value, and for a wrong one too, so that the other settings are still checked. */
  get<T>(name: Variable, parse: Parse<T>, fallback: T): T {
    return this.parse(this.pick(name), parse, fallback);
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
    this.rejectUnknownMembers(this.#file, [...VARIABLES.map(keyOf), 'scopes', 'classes'], '');
  }

  /** Reports unknown keys without their values: under a misspelt key there may be a secret. */
  rejectUnknownMembers(object: object, known: readonly string[], path: string): void {
    for (const key of Object.keys(object)) {
      if (known.includes(key)) continue;
      const near = nearest(key, known);
      this.report({
        setting: `${path}${shownKey(key)}`,
        given: 'an unknown key',
        expected: near === null ? `one of ${known.join(', ')}` : `perhaps ${near}`,
      });
    }
  }
}

/** A member of a JSON object; null is unset, inherited names are absent. */
export function member(
  object: Readonly<Record<string, unknown>>,
  key: string,
  setting: string,
): GivenValue | undefined {
  const value = Object.hasOwn(object, key) ? object[key] : undefined;
  return value === undefined || value === null ? undefined : { setting, value, from: 'file' };
}
