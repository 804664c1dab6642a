import { existsSync, readFileSync, statfsSync } from 'node:fs';

import type { Finding } from '../../core/ports.ts';
import { run } from '../command.ts';
import { bytes, checked, fail, ok, warn } from '../doctor-finding.ts';
import { namesInUse } from '../names-in-use.ts';
import type { NetworkKeeper } from '../network/host-network.ts';
import { usableResolvers } from '../network/resolvers.ts';
import { subnetsInUse } from '../network/subnets-in-use.ts';
import { nspawnVersion } from '../systemd/version.ts';
import type { ContainerClass } from './limits.ts';

/** What `doctor` compares a host with. */
export interface Expectations {
  readonly subnets?: readonly number[];
  readonly maxConcurrent?: number;
  /** Bytes. */
  readonly minFreeDisk?: number;
  readonly keeper?: NetworkKeeper;
  readonly classes: ReadonlyMap<string, ContainerClass>;
}

const DEADLINE_MS = 10_000;
/** `--load-credential=` of systemd-nspawn(1). */
const OLDEST_SYSTEMD = 247;
/** `--suppress-sync=` of systemd-nspawn(1). */
const GOOD_SYSTEMD = 250;
/** What one booted container takes, and what the host's own services do. */
const INOTIFY_PER_CONTAINER = 16;
const INOTIFY_OF_HOST = 32;
/** Below it, a job that unpacks a few packages fills the file system. */
const FEW_INODES = 200_000;

/** What both engines over systemd need of a host. `disk`: where containers live. */
export async function checkSystemdHost(
  wanted: Expectations,
  disk: string,
  signal: AbortSignal,
): Promise<Finding[]> {
  return Promise.all([
    checked('root', checkRoot),
    checked('systemd', checkSystemd),
    ...(wanted.keeper === 'host' ? [] : [checked('packet filter', () => checkNft(signal))]),
    checked('forwarding', () => checkForwarding(wanted.keeper ?? 'engine')),
    checked('resolver', checkResolver),
    checked('subnets', () => checkSubnets(wanted.subnets ?? [])),
    checked('disk', () => checkDisk(disk, wanted.minFreeDisk ?? 0)),
    checked('inodes', () => checkInodes(disk)),
    checked('inotify', () => checkInotify(wanted.maxConcurrent ?? 1)),
    checked('systemd-networkd', checkNetworkd),
  ]);
}

/** Containers that look like ours by name, and carry no mark of ours. */
export function checkStrangers(instances: string, ours: (name: string) => boolean): Finding {
  const strangers = namesInUse(instances).filter((name) => /^j\d{1,7}[a-z]?$/.test(name) && !ours(name));
  if (strangers.length === 0) return ok('strangers', 'nothing only looks like ours');
  return warn(
    'strangers',
    `${strangers.join(', ')}: named like ours, without our mark. They are left alone and their names not used; ` +
      'remove them by hand if nobody needs them',
  );
}

function checkRoot(): Finding {
  if (process.getuid?.() === 0) return ok('root', 'yes');
  return fail(
    'root',
    'containers are made by root only: run it as root, or use ENGINE=process to try things out',
  );
}

async function checkSystemd(): Promise<Finding> {
  if (!existsSync('/run/systemd/system')) {
    return fail('systemd', 'this machine was not booted by systemd: use a host that was, or ENGINE=process');
  }
  const version = await nspawnVersion();
  if (version < OLDEST_SYSTEMD) {
    return fail('systemd', `version ${version} is too old: ${OLDEST_SYSTEMD} is needed, for credentials`);
  }
  if (version < GOOD_SYSTEMD) {
    return warn(
      'systemd',
      `version ${version}: jobs wait for the disk at each sync; from ${GOOD_SYSTEMD} on they do not`,
    );
  }
  return ok('systemd', `version ${version}`);
}

async function checkNft(signal: AbortSignal): Promise<Finding> {
  const { stdout } = await run(['nft', 'list', 'chains'], { signal, deadlineMs: DEADLINE_MS });
  if (!/hook forward priority [^;]*; policy drop/.test(stdout)) return ok('packet filter', 'nftables works');
  return warn(
    'packet filter',
    'a firewall of this host drops what it does not know in its forward chain (Docker does so): ' +
      'let it accept what comes from interfaces named ve-j*, or jobs reach nothing',
  );
}

function checkForwarding(keeper: NetworkKeeper): Finding {
  if (readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8').trim() === '1') return ok('forwarding', 'on');
  if (keeper === 'host') {
    return fail('forwarding', 'off, and left to the host: set net.ipv4.ip_forward=1, or jobs reach nothing');
  }
  return warn('forwarding', 'off: it is switched on for the first container (net.ipv4.ip_forward=1)');
}

function checkResolver(): Finding {
  const found = usableResolvers();
  if (found.length > 0) return ok('resolver', found.join(', '));
  return fail(
    'resolver',
    'every nameserver of /etc/resolv.conf is on loopback, where no container reaches it, or has no IPv4 address: ' +
      'name one that containers can use',
  );
}

function checkSubnets(subnets: readonly number[]): Finding {
  const used = new Set(subnetsInUse((device) => /^v[eb]-/.test(device)));
  const clashes = subnets.filter((n) => used.has(n));
  if (clashes.length === 0) return ok('subnets', 'none meets an address or route of this host');
  const text = clashes.map((n) => `192.168.${n}`).join(', ');
  if (clashes.length < subnets.length) return warn('subnets', `in use on this host, and skipped: ${text}`);
  return fail('subnets', `all are in use on this host (${text}): set SUBNETS to others`);
}

function checkDisk(disk: string, wanted: number): Finding {
  const { bavail, bsize } = statfsSync(disk);
  const free = bavail * bsize;
  if (free >= wanted) return ok('disk', `${bytes(free)} free at ${disk}`);
  return fail(
    'disk',
    `${bytes(free)} free at ${disk}, and MIN_FREE_DISK asks for ${bytes(wanted)}: free some`,
  );
}

function checkInodes(disk: string): Finding {
  const { files, ffree } = statfsSync(disk);
  // Some file systems make them as they are needed, and say 0.
  if (files === 0 || ffree >= FEW_INODES)
    return ok('inodes', files === 0 ? 'made as needed' : `${ffree} free at ${disk}`);
  return warn(
    'inodes',
    `only ${ffree} free at ${disk}: remove small files there, or jobs will fail with a full disk`,
  );
}

function checkInotify(maxConcurrent: number): Finding {
  const limit = Number(readFileSync('/proc/sys/fs/inotify/max_user_instances', 'utf8'));
  const needed = maxConcurrent * INOTIFY_PER_CONTAINER + INOTIFY_OF_HOST;
  if (limit >= needed) return ok('inotify', `fs.inotify.max_user_instances is ${limit}`);
  return warn(
    'inotify',
    `fs.inotify.max_user_instances is ${limit}, and ${maxConcurrent} containers take ${needed}: ` +
      'set it higher, or some will hang while they boot',
  );
}

function checkNetworkd(): Finding {
  const managed =
    existsSync('/run/systemd/netif/links') && existsSync('/usr/lib/systemd/network/80-container-ve.network');
  const masked = ['/etc', '/run'].some((root) =>
    existsSync(`${root}/systemd/network/80-container-ve.network`),
  );
  if (!managed || masked) return ok('systemd-networkd', 'leaves our links alone');
  return warn(
    'systemd-networkd',
    'it gives every ve-* link an address of its own: mask it with ' +
      'ln -s /dev/null /etc/systemd/network/80-container-ve.network',
  );
}
