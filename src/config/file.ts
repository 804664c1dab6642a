import { readFileSync } from 'node:fs';

import type { Environment } from './env.ts';
import { readVariable } from './env.ts';
import type { Problem } from './problem.ts';
import { shown } from './problem.ts';

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

export function parseConfigFile(
  file: ConfigFile,
): { readonly value: Readonly<Record<string, unknown>> } | { readonly problem: Problem } {
  const problem = (expected: string): { readonly problem: Problem } => ({
    problem: { setting: file.setting ?? '--config', given: shown(file.path), expected },
  });
  if ('unreadable' in file) return problem(`a readable JSON file: ${file.unreadable}`);
  try {
    const value: unknown = JSON.parse(file.text);
    return isObject(value)
      ? { value }
      : problem(`a file that holds a JSON object: it holds ${kindOf(value)}`);
  } catch (error) {
    return problem(`a file that holds a JSON object: it is not valid JSON${whereOf(error, file.text)}`);
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  return value === null ? 'null' : `a ${typeof value}`;
}

/** The position of the fault. V8's message also quotes the text around it, which may be a secret and is not used. */
function whereOf(error: unknown, text: string): string {
  const position = error instanceof Error ? /at position (\d+)/.exec(error.message)?.[1] : undefined;
  if (position === undefined) return '';
  const before = text.slice(0, Number(position)).split('\n');
  return ` at line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}
