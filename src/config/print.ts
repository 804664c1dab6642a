import { printAuth } from './auth.ts';
import { printEngine } from './engine.ts';
import type { Json } from './kinds/kind.ts';
import type { ClassConfig, Config } from './model.ts';
import type { Unsupported } from './problem.ts';
import { UNSUPPORTED } from './problem.ts';
import { CLASS_SETTINGS, LIMIT_SETTINGS } from './rows/class-rows.ts';
import type { Rows } from './rows/row.ts';
import { PLAIN_SETTINGS, SETTINGS } from './rows/rows.ts';
import { SCOPE_ENTRY_SETTINGS } from './rows/scope-rows.ts';

/**
 * The effective configuration as a configuration file: every default written out, except of what this version lacks,
 * and no secrets, because a `Config` holds only the paths of them. Parsing it gives the same `Config` again.
 */
export function printConfig(config: Config, unsupported: Unsupported = UNSUPPORTED): string {
  const said: Readonly<Record<string, Json>> = {
    ...printAuth(config.auth),
    ...printRows(PLAIN_SETTINGS, config, unsupported),
    ...printEngine(config.engine),
  };
  const inOrder = Object.keys(SETTINGS).flatMap((key) => {
    const value = said[key];
    return value === undefined ? [] : [[key, value] as const];
  });
  const file = {
    // What a scope says is there because this version has it.
    scopes: config.scopes.map((scope) => printRows(SCOPE_ENTRY_SETTINGS, scope, {})),
    ...Object.fromEntries(inOrder),
    classes: config.classes.map((it) => printClass(it, unsupported)),
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

function printClass(runnerClass: ClassConfig, unsupported: Unsupported): Json {
  return {
    ...printRows(CLASS_SETTINGS, runnerClass, unsupported),
    limits: printRows(LIMIT_SETTINGS, runnerClass.limits, unsupported),
  };
}

function printRows(rows: Rows, given: object, unsupported: Unsupported): Readonly<Record<string, Json>> {
  const values: Readonly<Record<string, unknown>> = { ...given };
  const there = Object.entries(rows).filter(([key, { needs }]) => {
    const value = values[key];
    return value !== null && value !== undefined && (needs === undefined || unsupported[needs] === undefined);
  });
  return Object.fromEntries(there.map(([key, { kind }]) => [key, kind.print(values[key])]));
}
