import { access, constants } from 'node:fs/promises';
import { dirname } from 'node:path';

import { messageOf } from '../../core/errors.ts';
import type { Finding } from '../../core/ports.ts';
import { instanceNames, instancePaths } from './paths.ts';
import { readStat } from './proc.ts';
import { readRecord } from './record.ts';

interface Host {
  readonly stateDir: string;
  readonly runtimeDir: string;
  readonly controllerId: string;
}

/** What `doctor` says about a host for the process engine. */
export async function checkProcessHost(host: Host): Promise<readonly Finding[]> {
  return [
    {
      check: 'isolation',
      level: 'warn',
      detail:
        'ENGINE=process gives none: a job is a process of this user and can do whatever this user can. ' +
        'For demo and development only; use nspawn or nixos-container for jobs that you did not write',
    },
    await checkShell(),
    checkProc(),
    await checkDirectory('state directory', host.stateDir),
    await checkDirectory('runtime directory', host.runtimeDir),
    ...strangers(host),
  ];
}

async function checkShell(): Promise<Finding> {
  const found = await may('/bin/sh', constants.X_OK);
  if (found) return { check: 'shell', level: 'ok', detail: '/bin/sh' };
  return {
    check: 'shell',
    level: 'fail',
    detail: '/bin/sh cannot be run, and PROCESS_RUNNER needs it: install one',
  };
}

function checkProc(): Finding {
  if (readStat(process.pid) !== null) return { check: 'processes', level: 'ok', detail: '/proc is readable' };
  return {
    check: 'processes',
    level: 'fail',
    detail: '/proc is missing, so no process can be found again: mount it',
  };
}

async function checkDirectory(check: string, path: string): Promise<Finding> {
  let existing = path;
  while (!(await may(existing, constants.F_OK)) && existing !== dirname(existing))
    existing = dirname(existing);
  if (await may(existing, constants.W_OK | constants.X_OK)) return { check, level: 'ok', detail: path };
  return {
    check,
    level: 'fail',
    detail: `${existing} is not writable for this user: change its owner, or choose another`,
  };
}

/** What only looks like ours: reported, never touched. */
function strangers({ stateDir, runtimeDir, controllerId }: Host): Finding[] {
  const findings: Finding[] = [];
  let names: string[];
  try {
    names = instanceNames(stateDir);
  } catch (error) {
    return [{ check: 'instances', level: 'fail', detail: `they cannot be listed: ${messageOf(error)}` }];
  }
  for (const name of names) {
    const { root, record: path } = instancePaths(stateDir, runtimeDir, name);
    const record = readRecord(path);
    if (record?.controllerId === controllerId) continue;
    const whose =
      record === null ? 'has no readable process.json' : `belongs to controller ${record.controllerId}`;
    findings.push({
      check: 'instances',
      level: 'warn',
      detail: `${root} ${whose}: it is left alone and its name not used; remove it by hand if nobody needs it`,
    });
  }
  return findings;
}

async function may(path: string, mode: number): Promise<boolean> {
  try {
    await access(path, mode);
    return true;
  } catch {
    return false;
  }
}
