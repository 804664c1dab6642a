import { run } from '../command.ts';

const DEADLINE_MS = 10_000;
/** systemd-nspawn(1): `--suppress-sync=` was added in version 250. */
const SUPPRESS_SYNC_SINCE = 250;

let known: Promise<number> | null = null;

/** The version of this host's systemd, and so of its systemd-nspawn. It asks once; an upgrade is followed by the next start of the controller. */
export async function nspawnVersion(): Promise<number> {
  known ??= ask();
  try {
    return await known;
  } catch (error) {
    known = null;
    throw error;
  }
}

export async function supportsSuppressSync(): Promise<boolean> {
  return (await nspawnVersion()) >= SUPPRESS_SYNC_SINCE;
}

/** The number in what `systemctl --version` prints; null: there is none. */
export function parseVersion(text: string): number | null {
  const found = /^systemd (\d+)/.exec(text)?.[1];
  return found === undefined ? null : Number(found);
}

async function ask(): Promise<number> {
  // Not of systemd-nspawn itself: with the controller's own NOTIFY_SOCKET, even `--version` tells systemd `STOPPING=1`.
  const { stdout } = await run(['systemctl', '--version'], {
    signal: AbortSignal.timeout(DEADLINE_MS),
    deadlineMs: DEADLINE_MS,
  });
  return parseVersion(stdout) ?? 0;
}
