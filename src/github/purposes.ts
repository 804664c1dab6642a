import type { Purpose } from './errors.ts';
import type { Priority } from './rest/governor/priority.ts';
import type { Ask } from './rest/requester.ts';

const READ_ACTIONS = 'repository permission Actions: read, or scope repo of a classic token';
const READ_RUNNERS = 'repository permission Administration: read, or scope repo of a classic token';
const WRITE_RUNNERS = 'repository permission Administration: write, or scope repo of a classic token';

/** What each request is for, as its error message says it. */
export const purposes = {
  runs: (scope: string, status: string): Purpose => ({
    what: `list the ${status} runs of ${scope}`,
    scope,
    needs: READ_ACTIONS,
  }),
  jobs: (scope: string, runId: number): Purpose => ({
    what: `list the jobs of run ${runId} of ${scope}`,
    scope,
    needs: READ_ACTIONS,
  }),
  job: (scope: string, jobId: number): Purpose => ({
    what: `look up job ${jobId} of ${scope}`,
    scope,
    needs: READ_ACTIONS,
  }),
  runner: (scope: string, id: number): Purpose => ({
    what: `look up the runner ${id} of ${scope}`,
    scope,
    needs: READ_RUNNERS,
  }),
  runners: (scope: string): Purpose => ({ what: `list the runners of ${scope}`, scope, needs: READ_RUNNERS }),
  register: (scope: string, name: string): Purpose => ({
    what: `register the runner ${name} for ${scope}`,
    scope,
    needs: WRITE_RUNNERS,
  }),
  token: (scope: string): Purpose => ({
    what: `get a registration token for ${scope}`,
    scope,
    needs: WRITE_RUNNERS,
  }),
  remove: (scope: string, id: number): Purpose => ({
    what: `delete the runner ${id} of ${scope}`,
    scope,
    needs: WRITE_RUNNERS,
  }),
} as const;

export function ask(purpose: Purpose, priority: Priority, signal: AbortSignal): Ask {
  return { ...purpose, priority, signal };
}
