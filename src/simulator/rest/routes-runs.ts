import { z } from 'zod';

import { HttpFailure } from '../world/failure.ts';
import type { Job, Repo } from '../world/model.ts';
import { rerun } from '../world/rerun.ts';
import { cancelRun } from '../world/runs.ts';
import { noQuery, pageOf, pageQuery } from './paging.ts';
import { route, type RestAnswer, type RestRequest, type RestRoute } from './route.ts';
import { HEAD_BRANCH, viewRun, wireJob, wireRun, type RunView } from './wire-run.ts';

const statuses = ['completed', 'in_progress', 'queued', 'requested', 'waiting', 'pending'] as const;
const conclusions = [
  'action_required',
  'cancelled',
  'failure',
  'neutral',
  'skipped',
  'stale',
  'success',
  'timed_out',
] as const;
/** A search gives at most so many runs, however many there are. */
const MOST_FOUND = 1_000;

const boolean = z.enum(['true', 'false']);
const rerunBody = z
  .strictObject({ enable_debug_logging: z.boolean().optional(), enable_debugger: z.boolean().optional() })
  .nullable()
  .optional();

type Any = RestRequest<unknown, unknown>;

function asOf(request: Any): number {
  return request.world.now() - Math.max(request.staleMs, request.world.switches.jobLagMs);
}

function jobs(
  request: Any,
  wanted: readonly Job[],
  query: { per_page?: number | undefined; page?: number | undefined },
): RestAnswer {
  const time = asOf(request);
  const { switches } = request.world;
  const shown = wanted
    .map((job) => ({ job, state: job.timeline.at(time) }))
    .filter((entry) => entry.state !== undefined)
    .map(({ job, state }) =>
      wireJob(job, state as NonNullable<typeof state>, request.origin, switches.unassigned),
    );
  return pageOf(shown, query, switches.pageShift, (page, total) => ({ total_count: total, jobs: page }));
}

/** The run as the request may see it. */
function find(request: Any): RunView {
  const view = viewRun(request.world.run(request.id, request.repo), asOf(request));
  if (view === undefined) throw new HttpFailure(404, 'Not Found');
  return view;
}

function listed(request: Any, repo: Repo, status: string | undefined): RunView[] {
  const time = asOf(request);
  return [...request.world.runs.values()]
    .filter((run) => run.repo === repo)
    .reverse()
    .map((run) => viewRun(run, time))
    .filter((view) => view !== undefined)
    .filter((view) => status === undefined || view.status === status || view.conclusion === status);
}

const write = { need: 'actions=write', query: noQuery } as const;

export const runRoutes: readonly RestRoute[] = [
  route({
    method: 'GET',
    path: '/actions/runs',
    need: 'actions=read',
    query: z.strictObject({
      ...pageQuery,
      status: z.enum([...statuses, ...conclusions]).optional(),
      event: z.string().optional(),
      branch: z.string().optional(),
      head_sha: z.string().optional(),
      exclude_pull_requests: boolean.optional(),
    }),
    handle: (request) => {
      const { status, event, branch, head_sha: sha } = request.query;
      const runs = listed(request, request.repo, status).filter(
        ({ run }) =>
          (event ?? run.event) === run.event &&
          (branch ?? HEAD_BRANCH) === HEAD_BRANCH &&
          (sha ?? run.headSha) === run.headSha,
      );
      const isSearch = [status, event, branch, sha].some((filter) => filter !== undefined);
      return pageOf(
        runs,
        request.query,
        request.world.switches.pageShift,
        (page, total) => ({
          total_count: total,
          workflow_runs: page.map((view) => wireRun(view, request.origin)),
        }),
        isSearch ? MOST_FOUND : undefined,
      );
    },
  }),
  route({
    method: 'GET',
    path: '/actions/runs/:id',
    need: 'actions=read',
    query: z.strictObject({ exclude_pull_requests: boolean.optional() }),
    handle: (request) => ({ status: 200, body: wireRun(find(request), request.origin) }),
  }),
  route({
    method: 'GET',
    path: '/actions/runs/:id/jobs',
    need: 'actions=read',
    query: z.strictObject({ ...pageQuery, filter: z.enum(['latest', 'all']).optional() }),
    handle: (request) => {
      const { run, attempt } = find(request);
      const all = request.query.filter === 'all';
      return jobs(
        request,
        run.jobs.filter((job) => all || job.attempt === attempt.number),
        request.query,
      );
    },
  }),
  route({
    method: 'GET',
    path: '/actions/runs/:id/attempts/:attempt/jobs',
    need: 'actions=read',
    query: z.strictObject(pageQuery),
    handle: (request) => {
      const { run } = find(request);
      if (request.attempt < 1 || request.attempt > run.attempts.length)
        throw new HttpFailure(404, 'Not Found');
      return jobs(
        request,
        run.jobs.filter((job) => job.attempt === request.attempt),
        request.query,
      );
    },
  }),
  route({
    method: 'GET',
    path: '/actions/jobs/:id',
    need: 'actions=read',
    query: noQuery,
    handle: (request) => {
      const job = request.world.job(request.id, request.repo);
      const state = job.timeline.at(asOf(request));
      if (state === undefined) throw new HttpFailure(404, 'Not Found');
      return { status: 200, body: wireJob(job, state, request.origin, request.world.switches.unassigned) };
    },
  }),
  ...(['cancel', 'force-cancel'] as const).map((action) =>
    route({
      ...write,
      method: 'POST',
      path: `/actions/runs/:id/${action}`,
      handle: ({ world, id, repo }) => {
        cancelRun(world, world.run(id, repo), action === 'force-cancel');
        return { status: 202, body: {} };
      },
    }),
  ),
  ...(['rerun', 'rerun-failed-jobs'] as const).map((action) =>
    route({
      ...write,
      method: 'POST',
      path: `/actions/runs/:id/${action}`,
      body: rerunBody,
      handle: ({ world, id, repo }) => {
        rerun(world, world.run(id, repo), action === 'rerun' ? 'all' : 'failed');
        return { status: 201, body: {} };
      },
    }),
  ),
  route({
    ...write,
    method: 'POST',
    path: '/actions/jobs/:id/rerun',
    body: rerunBody,
    handle: ({ world, id, repo }) => {
      const job = world.job(id, repo);
      rerun(world, job.run, job);
      return { status: 201, body: {} };
    },
  }),
];
