import { join } from 'node:path';

import type { ContainerLimits } from '../../core/policy.ts';
import { containerAddress, hostAddress } from '../../core/subnets.ts';
import { limitProperties, privateUsersValue } from '../machine/limits.ts';
import type { MachinePaths } from '../machine/paths.ts';
import { linkOf } from '../network/nft.ts';

/** What the scripts of one container are made from. */
export interface ScriptOf {
  readonly name: string;
  readonly subnet: number;
  readonly paths: MachinePaths;
}

/** What the unit of one container is made from. */
export interface UnitOf {
  readonly name: string;
  readonly paths: MachinePaths;
  readonly controllerId: string;
  readonly limits: ContainerLimits;
  readonly startTimeoutMs: number;
}

/** Contract section 3, "Ending": asked first, killed after this. */
const STOP_SECONDS = 60;

/**
 * The main process: puts the overlay in place, then becomes systemd-nspawn. The mount is in a mount namespace of the
 * unit, so it is gone with the last process, whatever ended it. Paths hold no blank and no quote: contract section 2.
 */
export function bootScript(
  { name, paths }: ScriptOf,
  more: { readonly privateUsers: boolean | string; readonly suppressSync: boolean },
): string {
  const users = privateUsersValue(more.privateUsers);
  // Only with it the chown for a user namespace copies names and not contents into the upper directory.
  const options = users === null ? '' : ',metacopy=on,redirect_dir=on';
  const flags = [
    '--quiet',
    '--keep-unit',
    '--boot',
    '--notify-ready=yes',
    '--kill-signal=SIGRTMIN+3',
    '--settings=no',
    '--link-journal=no',
    '--resolv-conf=off',
    '--timezone=off',
    '--network-veth',
    `--machine=${name}`,
    `--directory=${join(paths.root, 'root')}`,
    `--load-credential=runner-registration:${paths.credential}`,
    `--bind=${paths.signals}:/run/runner-signals`,
    ...(more.suppressSync ? ['--suppress-sync=yes'] : []),
    ...(users === null ? [] : [`--private-users=${users}`, '--private-users-ownership=chown']),
  ];
  return `#!/bin/sh
set -eu
cd ${paths.root}
mount -t overlay overlay -o lowerdir=tree,upperdir=upper,workdir=work${options} root
exec systemd-nspawn ${flags.join(' ')}
`;
}

/**
 * For `ExecStartPost=`: both ends of the link, the host's first, so that the first packet of the container is answered.
 * Addresses are /32 with routes to each other, as NixOS's containers have them.
 */
export function networkScript({ name, subnet }: ScriptOf): string {
  const link = linkOf(name);
  const host = hostAddress(subnet);
  const guest = containerAddress(subnet);
  return `#!/bin/sh
set -eu
ip -batch - <<END
address add ${host}/32 dev ${link}
link set dev ${link} up
route add ${guest}/32 dev ${link} src ${host}
END
# The kernel writes no newline, without which \`read\` reports a failure.
read -r inside _ < "/proc/$MAINPID/task/$MAINPID/children" || [ -n "$inside" ]
nsenter --target "$inside" --net ip -batch - <<END
address add ${guest}/32 dev host0
link set dev host0 up
route add ${host}/32 dev host0
route add default via ${host} dev host0 src ${guest}
END
`;
}

/**
 * The arguments that start the unit and return when it is ready. A unit of its own in its own slice: nothing that
 * happens to the controller happens to it. It stays loaded when it is over, so that its end can still be read.
 */
export function unitArguments(unit: UnitOf, path: string): [string, ...string[]] {
  const { name, paths, controllerId, limits, startTimeoutMs } = unit;
  const script = (file: string): string => `/bin/sh ${join(paths.root, file)}`;
  const properties = [
    'RemainAfterExit=yes',
    'Restart=no',
    'SuccessExitStatus=133',
    `TimeoutStartSec=${Math.ceil(startTimeoutMs / 1000)}`,
    `TimeoutStopSec=${STOP_SECONDS}`,
    'KillMode=mixed',
    'Delegate=yes',
    'PrivateMounts=yes',
    'DevicePolicy=closed',
    'DeviceAllow=/dev/net/tun rwm',
    'DeviceAllow=char-pts rw',
    'CPUAccounting=yes',
    'MemoryAccounting=yes',
    `ExecStartPost=${script('network')}`,
    `ExecStopPost=${script('end')}`,
    ...limitProperties(limits),
  ];
  return [
    'systemd-run',
    '--quiet',
    `--unit=${name}`,
    '--slice=runner-jobs.slice',
    '--service-type=notify',
    `--setenv=RUNNER_CONTROLLER_ID=${controllerId}`,
    `--setenv=PATH=${path}`,
    ...properties.map((property) => `--property=${property}`),
    '--',
    '/bin/sh',
    join(paths.root, 'boot'),
  ];
}
