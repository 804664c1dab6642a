import { UNSUPPORTED } from '../../src/config/problem.ts';
import { CLASS_SETTINGS, LIMIT_SETTINGS } from '../../src/config/rows/class-rows.ts';
import type { Row, Rows } from '../../src/config/rows/row.ts';
import { variableOf } from '../../src/config/rows/row.ts';
import { SETTINGS } from '../../src/config/rows/rows.ts';
import { SCOPE_ENTRY_SETTINGS } from '../../src/config/rows/scope-rows.ts';
import { markdownTable } from './markdown-table.ts';

function isHere({ needs }: Row): boolean {
  return needs === undefined || UNSUPPORTED[needs] === undefined;
}

function here(rows: Rows): readonly (readonly [string, Row])[] {
  return Object.entries(rows).filter(([, row]) => isHere(row));
}

function meaningOf({ meaning, kind }: Row): string {
  return kind.range === undefined ? meaning : `${meaning}; ${kind.range}`;
}

function defaultOf({ fallback, fallbackText }: Row): string {
  if (fallbackText !== undefined) return fallbackText;
  if (fallback === null || typeof fallback === 'function') return '–';
  return typeof fallback === 'number'
    ? String(fallback)
    : `\`${JSON.stringify(fallback).replaceAll('"', '')}\``;
}

/** Every setting that this version has. */
export function settingTable(): string {
  return markdownTable(
    ['Variable', 'Key in the file', 'Default', 'Meaning'],
    here(SETTINGS).map(([key, row]) => [
      `\`${variableOf(key)}\``,
      `\`${key}\``,
      defaultOf(row),
      meaningOf(row),
    ]),
  );
}

/** The keys of an entry of `classes`. */
export function classTable(): string {
  const limits = here(LIMIT_SETTINGS).map(([key, row]) => [`limits.${key}`, row] as const);
  return markdownTable(
    ['Key of a class', 'Default', 'Meaning'],
    [...here(CLASS_SETTINGS), ...limits].map(([key, row]) => [`\`${key}\``, defaultOf(row), meaningOf(row)]),
  );
}

/** What is read and checked, and then refused. */
export function laterTable(): string {
  const later = (rows: Rows, nameOf: (key: string) => string): readonly (readonly string[])[] =>
    Object.entries(rows)
      .filter(([, row]) => !isHere(row))
      .map(([key, row]) => [`\`${nameOf(key)}\``, meaningOf(row)]);
  return markdownTable(
    ['Setting', 'Meaning'],
    [
      ...later(SETTINGS, variableOf),
      ...later(SCOPE_ENTRY_SETTINGS, (key) => `scopes[].${key}`),
      ...later(CLASS_SETTINGS, (key) => `classes[].${key}`),
    ],
  );
}
