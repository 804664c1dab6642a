import type { z } from 'zod';

import type { List } from './rest/lists.ts';
import { jobsPage, runnersPage, runsPage } from './wire.ts';
import type { WireJob, WireRun, WireRunner } from './wire.ts';

type RunsPage = z.infer<typeof runsPage>;
type JobsPage = z.infer<typeof jobsPage>;
type RunnersPage = z.infer<typeof runnersPage>;

/** The URLs of one repository's Actions in the REST API. */
export class RepositoryUrls {
  readonly #base: string;

  /** `apiUrl` without a slash at its end; `scope` is `owner/repo`. */
  constructor(apiUrl: string, scope: string) {
    this.#base = `${apiUrl}/repos/${scope.split('/').map(encodeURIComponent).join('/')}/actions`;
  }

  /** Runs in one status; null: the newest in any. Without their pull requests, which make the list slow. */
  runs(status: string | null): List<RunsPage, WireRun> {
    const filter = status === null ? '' : `status=${status}&`;
    return {
      url: `${this.#base}/runs?${filter}exclude_pull_requests=true`,
      schema: runsPage,
      items: (page) => page.workflow_runs,
      // GitHub cuts filtered lists, and has counted runs that it does not list. The others must be served all the same.
      mayBeCut: true,
    };
  }

  /** The jobs of a run's newest attempt. */
  jobs(runId: number): List<JobsPage, WireJob> {
    return {
      url: `${this.#base}/runs/${runId}/jobs?filter=latest`,
      schema: jobsPage,
      items: (page) => page.jobs,
      mayBeCut: false,
    };
  }

  /** Every runner, or those that GitHub finds by a name. GitHub does not promise an exact match. */
  runners(name: string | null): List<RunnersPage, WireRunner> {
    const filter = name === null ? '' : `?name=${encodeURIComponent(name)}`;
    return {
      url: `${this.#base}/runners${filter}`,
      schema: runnersPage,
      items: (page) => page.runners,
      mayBeCut: false,
    };
  }

  runner(id: number): string {
    return `${this.#base}/runners/${id}`;
  }

  jitConfig(): string {
    return `${this.#base}/runners/generate-jitconfig`;
  }

  registrationToken(): string {
    return `${this.#base}/runners/registration-token`;
  }
}
