import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { ContainerClass } from '../machine/limits.ts';
import { limitProperties } from '../machine/limits.ts';
import type { MachinePaths } from '../machine/paths.ts';

/** Contract section 3, "Ending": asked first, killed after this. */
const STOP_SECONDS = 60;

function directoryOf(name: string): string {
  return `/run/systemd/system/container@${name}.service.d`;
}

/**
 * What this instance of NixOS's `container@.service` does otherwise: boots once (`Restart=no` alone would still follow
 * exit status 133, a reboot), is in the one slice of all jobs, has limits, and records its end.
 */
export function dropIn({ limits, privateUsers }: ContainerClass, paths: MachinePaths): string {
  return `[Service]
Slice=runner-jobs.slice
Restart=no
RestartForceExitStatus=
TimeoutStopSec=${STOP_SECONDS}
ExecStopPost=/bin/sh ${join(paths.root, 'end')}
CPUAccounting=yes
MemoryAccounting=yes
${privateUsers === false ? '' : 'DeviceAllow=/dev/net/tun rwm\n'}${limitProperties(limits).join('\n')}
`;
}

/**
 * Must be called before systemd loads the unit: the new directory changes what systemd compares before it loads one, so
 * that the drop-in is found without a `daemon-reload`.
 */
export async function writeDropIn(name: string, text: string): Promise<void> {
  const directory = directoryOf(name);
  await mkdir(directory, { recursive: true, mode: 0o755 });
  await writeFile(join(directory, 'runner-controller.conf'), text, { mode: 0o644 });
}

/** Also what `systemctl set-property --runtime` may have left for the unit. Absent is success. */
export async function removeDropIns(name: string): Promise<void> {
  for (const directory of [directoryOf(name), `/run/systemd/system.control/container@${name}.service.d`]) {
    await rm(directory, { recursive: true, force: true });
  }
}
