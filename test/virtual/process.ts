import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * What a program has that `kill -9` takes: its timers never fire again and its requests are never answered. What it asked
 * of GitHub and the host before that goes on without it.
 */
export class VirtualProcess {
  alive = true;

  /** Runs code as part of this process, and all that it awaits. */
  run<T>(work: () => T): T {
    return running.run(this, work);
  }

  kill(): void {
    this.alive = false;
  }
}

const running = new AsyncLocalStorage<VirtualProcess>();

/** The process that the calling code is part of. */
export function currentProcess(): VirtualProcess | undefined {
  return running.getStore();
}

/** Runs code that outlives whatever process calls it: GitHub's, and the containers'. */
export function outsideOfProcesses<T>(work: () => T): T {
  return running.exit(work);
}
