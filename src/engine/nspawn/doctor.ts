import { lstatSync, readdirSync, readFileSync, statfsSync } from 'node:fs';
import { join } from 'node:path';

import type { Finding } from '../../core/ports.ts';
import { checkPrograms, checked, fail, ok, warn } from '../doctor-finding.ts';
import type { Expectations } from '../machine/doctor.ts';
import { checkSystemdHost } from '../machine/doctor.ts';

export interface NspawnHost extends Expectations {
  readonly stateDir: string;
  readonly rootfs: string;
}

const PROGRAMS = [
  'systemd-nspawn',
  'systemd-run',
  'systemctl',
  'busctl',
  'nsenter',
  'mount',
  'umount',
  'ip',
  'nft',
  'rm',
  'chattr',
];
const UNIT_DIRECTORIES = ['etc/systemd/system', 'usr/lib/systemd/system', 'lib/systemd/system'];
/** Magic numbers of statfs(2). */
const OVERLAY = 0x794c7630;
const TMPFS = 0x01021994;

/** What `doctor` says about a host for `ENGINE=nspawn`. */
export async function checkNspawnHost(host: NspawnHost, signal: AbortSignal): Promise<readonly Finding[]> {
  return [
    ...(await checkSystemdHost(host, host.stateDir, signal)),
    checkPrograms(PROGRAMS),
    await checked('tree', () => checkTree(host.rootfs)),
    await checked('overlay', () => checkOverlay(host.stateDir)),
    ...checkUsers(host),
  ];
}

function checkTree(rootfs: string): Finding {
  for (const needed of ['usr', 'etc']) {
    if (lstatSync(join(rootfs, needed), { throwIfNoEntry: false })?.isDirectory() !== true) {
      return fail(
        'tree',
        `${rootfs} has no directory ${needed}: NSPAWN_ROOTFS must be an OS tree that boots systemd`,
      );
    }
  }
  if (UNIT_DIRECTORIES.some((directory) => hasRunnerUnit(join(rootfs, directory)))) return ok('tree', rootfs);
  return warn(
    'tree',
    `${rootfs} has no unit with LoadCredential=runner-registration: its containers would start and never take a job`,
  );
}

function hasRunnerUnit(directory: string): boolean {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.service'))
      .some(({ name }) =>
        /^(Load|Import)Credential=runner-registration/m.test(readFileSync(join(directory, name), 'utf8')),
      );
  } catch {
    return false;
  }
}

function checkOverlay(stateDir: string): Finding {
  const { type } = statfsSync(stateDir);
  if (type === OVERLAY) {
    return fail(
      'overlay',
      `STATE_DIR (${stateDir}) is on an overlay itself, which cannot carry another: choose a plain disk`,
    );
  }
  if (type === TMPFS) {
    return warn(
      'overlay',
      `STATE_DIR (${stateDir}) is in memory: a job that writes much fills the memory of this host`,
    );
  }
  return ok('overlay', `${stateDir} can carry the overlays of containers`);
}

function checkUsers({ classes }: NspawnHost): Finding[] {
  const names = [...classes].filter(([, { privateUsers }]) => privateUsers !== false).map(([name]) => name);
  if (names.length === 0) return [];
  return [
    warn(
      'private users',
      `class ${names.join(', ')}: the owner of every file of the tree is changed for each job, which takes seconds`,
    ),
  ];
}
