import { execFileSync } from 'node:child_process';

/** Runs a shell command on the machine; returns what it printed. */
export function sh(command: string): string {
  return execFileSync('sh', ['-c', command], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

/** The "NixOS system" in the machine's store. */
export function testSystem(): string {
  return sh('readlink -f /nix/var/nix/gcroots/test-system');
}
