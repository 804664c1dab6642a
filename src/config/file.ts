import type { AnyNode, ArrayNode, DocumentNode, MemberNode, ObjectNode } from '@humanwhocodes/momoa';
import { parse } from '@humanwhocodes/momoa';
import { readFileSync } from 'node:fs';

import type { Environment } from './env.ts';
import { readVariable } from './env.ts';
import type { Problem } from './problem.ts';
import { shown, shownKey } from './problem.ts';

/** The configuration file as found: its text, or why there is none. */
export type ConfigFile = {
  readonly path: string;
  /** What named the file. Errors about the file as a whole are reported under it. */
  readonly setting?: '--config' | 'RUNNER_CONTROLLER_CONFIG';
} & ({ readonly text: string } | { readonly unreadable: string });

/**
 * Reads the file that `--config` or else `RUNNER_CONTROLLER_CONFIG` names; a relative path counts from the working
 * directory.
 */
export function readConfigFile(argvPath: string | undefined, env: Environment): ConfigFile | undefined {
  const path = argvPath ?? readVariable(env, 'RUNNER_CONTROLLER_CONFIG');
  if (path === undefined) return undefined;
  const setting = argvPath === undefined ? 'RUNNER_CONTROLLER_CONFIG' : '--config';
  try {
    return { path, setting, text: readFileSync(path, 'utf8') };
  } catch (error) {
    return { path, setting, unreadable: whyUnreadable(error) };
  }
}

/** Why a path could not be read, in words that do not repeat the path. */
export function whyUnreadable(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'it does not exist';
  if (code === 'EISDIR') return 'it is a directory';
  return code === 'EACCES' || code === 'EPERM'
    ? `it may not be read (${code})`
    : `reading it failed (${code})`;
}

/** What a file says, null when it cannot be understood, and what is wrong with it as JSON. */
export interface ParsedFile {
  readonly value: Readonly<Record<string, unknown>> | null;
  readonly problems: readonly Problem[];
}

export function parseConfigFile(file: ConfigFile): ParsedFile {
  const broken = (expected: string): ParsedFile => ({
    value: null,
    problems: [{ setting: file.setting ?? '--config', given: shown(file.path), expected }],
  });
  if ('unreadable' in file) return broken(`a readable JSON file: ${file.unreadable}`);
  const tree = treeOf(file.text);
  try {
    const value: unknown = JSON.parse(file.text);
    if (!isObject(value)) return broken(`a file that holds a JSON object: it holds ${kindOf(value)}`);
    if ('where' in tree) return broken('a file that holds a JSON object: it is nested too deeply');
    return { value, problems: faultsIn(tree.body) };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const where = 'where' in tree ? tree.where : '';
    return broken(`a file that holds a JSON object: it is not valid JSON${where}`);
  }
}

/** The file as a tree with places. It is laxer than `JSON.parse`, whose messages quote the text, which may be a secret. */
function treeOf(text: string): DocumentNode | { readonly where: string } {
  try {
    return parse(text, { mode: 'json' });
  } catch (error) {
    const { line, column } = error as { readonly line?: number; readonly column?: number };
    return { where: line === undefined || column === undefined ? '' : ` at line ${line}, column ${column}` };
  }
}

/** What JSON allows and a setting does not: null, and a key that is given twice. In the order of the file. */
function faultsIn(root: AnyNode): readonly Problem[] {
  const problems: Problem[] = [];
  // A list and no recursion: a file may be nested more deeply than a program's stack is.
  const open: { readonly node: AnyNode; readonly path: string }[] = [{ node: root, path: '' }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, path } = next;
    if (node.type === 'Null')
      problems.push({ setting: path, given: 'null', expected: 'a value, or no such key' });
    const inner = node.type === 'Array' ? elementsOf(node, path) : [];
    if (node.type === 'Object') inner.push(...membersOf(node, path, problems));
    open.push(...inner.toReversed());
  }
  return problems;
}

function elementsOf({ elements }: ArrayNode, path: string): { node: AnyNode; path: string }[] {
  return elements.map(({ value }, at) => ({ node: value, path: `${path}[${at}]` }));
}

function membersOf(
  { members }: ObjectNode,
  path: string,
  problems: Problem[],
): readonly { readonly node: AnyNode; readonly path: string }[] {
  const seen = new Set<string>();
  return members.map((one) => {
    const key = keyIn(one);
    const setting = path === '' ? shownKey(key) : `${path}.${shownKey(key)}`;
    if (seen.has(key))
      problems.push({
        setting,
        given: `again in line ${one.loc.start.line}`,
        expected: 'each key once',
      });
    seen.add(key);
    return { node: one.value, path: setting };
  });
}

function keyIn({ name }: MemberNode): string {
  return name.type === 'String' ? name.value : name.name;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  return value === null ? 'null' : `a ${typeof value}`;
}
