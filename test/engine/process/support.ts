import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { onTestFinished } from 'vitest';

import type { Engine } from '../../../src/core/ports.ts';
import type { InstancePaths } from '../../../src/engine/process/paths.ts';
import { instancePaths } from '../../../src/engine/process/paths.ts';
import { readStat } from '../../../src/engine/process/proc.ts';
import type { ProcessEngineOptions } from '../../../src/engine/process/process.ts';
import { orderFor, registered } from '../../contract/engine.ts';
import { makeProcessHost, seal } from '../../contract/process-host.ts';

export const NEVER = new AbortController().signal;

export interface Bench {
  readonly engine: Engine;
  /** A controller that starts anew over the same directories. */
  readonly open: () => Engine;
  readonly paths: InstancePaths;
  readonly options: ProcessEngineOptions;
}

/** A host with the one instance `j1`, which runs `command` if there is one; what is left is ended after the test. */
export async function instanceOf(
  command: string | null,
  more: Partial<ProcessEngineOptions> = {},
): Promise<Bench> {
  const { options, open } = await makeProcessHost({ command: command ?? 'exit 99', ...more });
  const engine = open();
  onTestFinished(() => open().destroy('j1', { clean: false }, NEVER));
  await engine.create(orderFor('j1'), NEVER);
  if (command !== null) await engine.start('j1', registered('j1', seal('secret')), NEVER);
  return { engine, open, options, paths: instancePaths(options.stateDir, options.runtimeDir, 'j1') };
}

/** The text of a file, as soon as it is there and ends with a line. The test's time-out bounds it. */
export async function textOf(path: string): Promise<string> {
  for (;;) {
    if (existsSync(path) && readFileSync(path, 'utf8').endsWith('\n')) return readFileSync(path, 'utf8');
    await delay(10);
  }
}

export function lives(pid: number): boolean {
  const stat = readStat(pid);
  return stat !== null && !stat.dead;
}
