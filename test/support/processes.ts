import { readdirSync, readFileSync } from 'node:fs';

/** A living process: its id and what stands in its environment and on its command line. */
export interface Found {
  readonly pid: number;
  readonly environ: string;
  readonly cmdline: string;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // It ended meanwhile, or is another user's.
    return '';
  }
}

/** Every process that can be looked into. */
export function processes(): readonly Found[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({
      pid: Number(name),
      environ: read(`/proc/${name}/environ`),
      cmdline: read(`/proc/${name}/cmdline`),
    }));
}

/** Processes of the instances below this state directory. */
export function instanceProcesses(stateDir: string): readonly Found[] {
  return processes().filter(({ environ }) => environ.includes(`RUNNER_SIGNALS=${stateDir}/`));
}

/** Ends one process by its id; one that is gone already is no error. */
export function killProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}
