import { accessSync, constants, lstatSync } from 'node:fs';

import type { Finding } from '../../core/ports.ts';
import { run } from '../command.ts';
import { checkPrograms, checked, fail, ok, warn } from '../doctor-finding.ts';
import type { Expectations } from '../machine/doctor.ts';
import { checkSystemdHost } from '../machine/doctor.ts';
import { CONF_DIR, CONTAINERS_DIR } from '../names-in-use.ts';
import type { NixosContainerClass } from './class.ts';
import { readSystemFacts } from './system.ts';

export interface NixosHost extends Expectations {
  readonly bin: string;
  readonly classes: ReadonlyMap<string, NixosContainerClass>;
  /** The system that was built of a template; null: none yet. */
  readonly built: (template: string) => Promise<string | null>;
}

const PROGRAMS = [
  'systemctl',
  'machinectl',
  'busctl',
  'nix-env',
  'ip',
  'nft',
  'umount',
  'rm',
  'chattr',
  'find',
];
const DEADLINE_MS = 10_000;
/** GitHub refuses to register anything older. */
const OLDEST_RUNNER = '2.329.0';

/** What `doctor` says about a host for `ENGINE=nixos-container`. */
export async function checkNixosHost(host: NixosHost, signal: AbortSignal): Promise<readonly Finding[]> {
  return [
    ...(await checkSystemdHost(host, CONTAINERS_DIR, signal)),
    checkPrograms([...PROGRAMS, host.bin]),
    await checked('container@.service', () => checkUnit(signal)),
    await checked('directories', () => checkDirectories(host.bin, signal)),
    ...(await Promise.all(
      [...host.classes].flatMap(([name, each]) => [
        checked('template', () => checkTemplate(name, each)),
        checked('runner', () => checkRunner(name, each, host.built)),
      ]),
    )),
  ];
}

async function checkUnit(signal: AbortSignal): Promise<Finding> {
  const { stdout } = await run(
    ['systemctl', 'list-unit-files', '--no-legend', '--full', 'container@.service'],
    {
      signal,
      deadlineMs: DEADLINE_MS,
    },
  ).catch(() => ({ stdout: '' }));
  if (stdout.includes('container@.service')) return ok('container@.service', 'present');
  return fail('container@.service', 'not there: set boot.enableContainers = true on this host');
}

/** The CLI makes its two directories whenever it runs; they are compiled into it. */
async function checkDirectories(bin: string, signal: AbortSignal): Promise<Finding> {
  await run([bin, 'list'], { signal, deadlineMs: DEADLINE_MS });
  const missing = [CONF_DIR, CONTAINERS_DIR].filter(
    (path) => lstatSync(path, { throwIfNoEntry: false }) === undefined,
  );
  if (missing.length === 0) return ok('directories', `${CONF_DIR}, ${CONTAINERS_DIR}`);
  return fail(
    'directories',
    `${bin} does not use ${missing.join(' and ')}: with system.stateVersion before 22.05 it uses others; use a newer one`,
  );
}

function checkTemplate(name: string, { containerSystem, containerTemplate }: NixosContainerClass): Finding {
  const path = containerSystem ?? containerTemplate;
  if (path === null) return fail('template', `class ${name} has neither a container system nor a template`);
  try {
    accessSync(
      containerSystem === null || containerSystem === undefined ? path : `${path}/init`,
      constants.R_OK,
    );
    return ok('template', `class ${name}: ${path}`);
  } catch {
    return fail(
      'template',
      `class ${name}: ${path} cannot be read, or is no NixOS system: set CONTAINER_SYSTEM or CONTAINER_TEMPLATE`,
    );
  }
}

/** Whether GitHub still takes the runner that a class's system has; the file is checked with it. */
export async function checkRunner(
  name: string,
  { containerSystem, containerTemplate }: NixosContainerClass,
  built: NixosHost['built'],
): Promise<Finding> {
  const system = containerSystem ?? (containerTemplate === null ? null : await built(containerTemplate));
  if (system === null) return ok('runner', `class ${name}: known when its template is built`);
  const { runnerVersion } = await readSystemFacts(system);
  if (runnerVersion === null) {
    return warn(
      'runner',
      `class ${name}: ${system} does not say which runner it has; GitHub takes ${OLDEST_RUNNER} or newer`,
    );
  }
  if (isOlder(runnerVersion, OLDEST_RUNNER)) {
    return fail(
      'runner',
      `class ${name}: runner ${runnerVersion} is too old to register, GitHub takes ${OLDEST_RUNNER} or newer: ` +
        'build its container system with a newer nixpkgs',
    );
  }
  return ok('runner', `class ${name}: ${runnerVersion}`);
}

function isOlder(version: string, than: string): boolean {
  const parts = (text: string): number[] => text.split('.').map((part) => Number.parseInt(part, 10) || 0);
  const [ours, theirs] = [parts(version), parts(than)];
  const at = theirs.findIndex((part, n) => (ours[n] ?? 0) !== part);
  return at !== -1 && (ours[at] ?? 0) < (theirs[at] ?? 0);
}
