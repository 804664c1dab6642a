import type { Controller } from './controller.ts';
import type { Stage } from './stage.ts';
import { PATIENCE } from './wait.ts';

/** What the stage's controller offers. */
export const NIX: string[] = ['self-hosted', 'nix'];

/** A script that runs until `release`, so that no test depends on how long it takes. */
export function heldScript(stage: Stage): string {
  return `until [ -e '${stage.dir}/go' ]; do sleep 0.05; done`;
}

/** Lets every held script end. */
export async function release(stage: Stage): Promise<void> {
  await stage.writeFile('go', '');
}

/** So many jobs of one run with a held script. */
export function createHeldJobs(
  stage: Stage,
  count: number,
): { readonly jobIds: readonly number[]; readonly release: () => Promise<void> } {
  const jobs = Array.from({ length: count }, (_, at) => ({
    name: `held ${at}`,
    labels: NIX,
    script: heldScript(stage),
  }));
  const { jobIds } = stage.github.createRun({ jobs });
  return { jobIds, release: () => release(stage) };
}

/** Waits until so many jobs run and GitHub has named them; the names of their runners, sorted. */
export async function untilBusy(
  controller: Pick<Controller, 'until'>,
  count: number,
): Promise<readonly string[]> {
  return controller.until(`${count} jobs to run`, ({ active_containers: active }) => {
    const busy = active.filter(({ phase, running_job_id }) => phase === 'busy' && running_job_id !== null);
    return busy.length === count && busy.map(({ runner_name }) => runner_name).sort();
  });
}

/** Waits until every job has succeeded. */
export async function untilSuccess(stage: Stage, timeoutMs = PATIENCE): Promise<void> {
  await stage.github.waitFor(({ jobs }) => jobs.every(({ conclusion }) => conclusion === 'success'), {
    timeoutMs,
  });
}
