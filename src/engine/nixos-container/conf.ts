import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { ContainerMark } from '../../core/observation.ts';
import { namesIn } from '../directory.ts';
import { privateUsersValue } from '../machine/limits.ts';
import type { Marked } from '../machine/mark.ts';
import { markText, readMark } from '../machine/mark.ts';
import type { MachinePaths } from '../machine/paths.ts';
import { CONF_DIR } from '../names-in-use.ts';
import { readSmallFile } from '../small-file.ts';

const MAX_BYTES = 16_384;
const MARK = 'RUNNER_CONTROLLER_MARK';
const RUNNER = 'RUNNER_CONTROLLER_RUNNER';

/** What a container's conf says beyond what `nixos-container create` has flags for. */
export interface ConfOf {
  readonly order: Omit<ContainerMark, 'runnerName'>;
  readonly paths: MachinePaths;
  readonly controllerId: string;
  readonly privateUsers: boolean | string;
  readonly suppressSync: boolean;
  /** Of the system itself; one word each. */
  readonly nspawnFlags: readonly string[];
}

export function confPath(name: string): string {
  return join(CONF_DIR, `${name}.conf`);
}

/**
 * The lines to append. The start script splits `EXTRA_NSPAWN_FLAGS` at blanks and knows no quotes; contract section 2
 * keeps blanks and colons out of both paths. `COPY_RESOLV_CONF` is read without a default where it is read at all.
 */
export function confLines(conf: ConfOf): string {
  const { order, paths, controllerId, privateUsers, suppressSync, nspawnFlags } = conf;
  const flags = [
    `--load-credential=runner-registration:${paths.credential}`,
    `--bind=${paths.signals}:/run/runner-signals`,
    ...(suppressSync ? ['--suppress-sync=yes'] : []),
    ...nspawnFlags,
  ];
  const users = privateUsersValue(privateUsers);
  const lines = [
    `RUNNER_CONTROLLER_ID=${controllerId}`,
    `${MARK}=${Buffer.from(markText(order, controllerId)).toString('base64url')}`,
    `EXTRA_NSPAWN_FLAGS="${flags.join(' ')}"`,
    'COPY_RESOLV_CONF=1',
    ...(users === null ? [] : [`PRIVATE_USERS=${users}`]),
  ];
  return `${lines.join('\n')}\n`;
}

/** The line that says which runner the container booted with. */
export function runnerLine(runnerName: string): string {
  return `${RUNNER}=${runnerName}\n`;
}

/** Appends to the conf that `create` made; a reader sees the old one or the new one. */
export async function appendConf(name: string, lines: string): Promise<void> {
  const path = confPath(name);
  const before = await readFile(path, 'utf8');
  // No name that ends in `.conf`: that would be another container.
  const aside = join(CONF_DIR, `.${name}.next`);
  await writeFile(aside, before + lines, { mode: 0o644 });
  await rename(aside, path);
}

/** The containers whose conf carries a mark of some controller. Throws when the directory cannot be read. */
export function markedConfs(): Map<string, Marked> {
  const marks = new Map<string, Marked>();
  for (const file of namesIn(CONF_DIR).filter((name) => /^[\w-]+\.conf$/.test(name))) {
    const name = file.slice(0, -'.conf'.length);
    const marked = markOf(readSmallFile(join(CONF_DIR, file), MAX_BYTES) ?? '');
    if (marked !== null) marks.set(name, marked);
  }
  return marks;
}

/** The mark in the text of a conf; null: none. */
export function markOf(conf: string): Marked | null {
  const value = new RegExp(`^${MARK}=([A-Za-z0-9_-]+)$`, 'm').exec(conf)?.[1];
  if (value === undefined) return null;
  const marked = readMark(Buffer.from(value, 'base64url').toString('utf8'));
  const runnerName = new RegExp(`^${RUNNER}=([A-Za-z0-9-]+)$`, 'm').exec(conf)?.[1];
  if (marked === null || runnerName === undefined) return marked;
  return { ...marked, mark: { ...marked.mark, runnerName } };
}
