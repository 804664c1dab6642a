import { z } from 'zod';

import { wireTime } from '../world/clock.ts';
import { jitConfig } from './jit.ts';
import { noQuery, pageOf, pageQuery } from './paging.ts';
import { route, type RestRequest, type RestRoute } from './route.ts';
import { wireLabels, wireRunner } from './wire-runner.ts';

/** The runner version that GitHub offers for download. */
const RUNNER_VERSION = '2.336.0';

type Any = RestRequest<unknown, unknown>;

/** The runner as it was before the lag of the switches. A younger one is shown as it was at first. */
function shown(request: Any, runner: ReturnType<Any['registry']['find']>): Record<string, unknown> {
  const lag = Math.max(request.staleMs, request.world.switches.runnerStateLagMs);
  const state = runner.timeline.atOrFirst(request.world.now() - lag);
  // A runner that is gone but still listed is shown in its last state.
  return wireRunner(runner, state);
}

function listed(request: Any, name: string | undefined): Record<string, unknown>[] {
  const time = request.world.now() - Math.max(request.staleMs, request.world.switches.runnerListLagMs);
  return [...request.world.runners.values()]
    .filter((runner) => runner.repo === request.repo && runner.timeline.at(time)?.exists === true)
    .filter((runner) => name === undefined || runner.name === name)
    .map((runner) => shown(request, runner));
}

const token = (kind: 'registration' | 'remove'): RestRoute =>
  route({
    method: 'POST',
    path: `/actions/runners/${kind}-token`,
    need: 'administration=write',
    query: noQuery,
    handle: ({ registry, repo }) => {
      const issued = registry.issueToken(kind, repo);
      return { status: 201, body: { token: issued.token, expires_at: wireTime(issued.expiresAt) } };
    },
  });

function downloads(web: string): unknown[] {
  return [
    ['osx', 'x64'],
    ['linux', 'x64'],
    ['linux', 'arm64'],
    ['win', 'x64'],
  ].map(([os, architecture]) => {
    const filename = `actions-runner-${os}-${architecture}-${RUNNER_VERSION}.tar.gz`;
    return { os, architecture, download_url: `${web}/downloads/v${RUNNER_VERSION}/${filename}`, filename };
  });
}

export const runnerRoutes: readonly RestRoute[] = [
  route({
    method: 'GET',
    path: '/actions/runners',
    need: 'administration=read',
    query: z.strictObject({ ...pageQuery, name: z.string().optional() }),
    handle: (request) =>
      pageOf(
        listed(request, request.query.name),
        request.query,
        request.world.switches.pageShift,
        (page, total) => ({ total_count: total, runners: page }),
      ),
  }),
  route({
    method: 'GET',
    path: '/actions/runners/downloads',
    need: 'administration=read',
    query: noQuery,
    handle: ({ origin }) => ({ status: 200, body: downloads(origin.web) }),
  }),
  route({
    method: 'GET',
    path: '/actions/runners/:id',
    need: 'administration=read',
    query: noQuery,
    handle: (request) => ({
      status: 200,
      body: shown(request, request.registry.find(request.repo, request.id)),
    }),
  }),
  route({
    method: 'DELETE',
    path: '/actions/runners/:id',
    need: 'administration=write',
    query: noQuery,
    handle: ({ registry, repo, id }) => {
      registry.delete(repo, id);
      return { status: 204 };
    },
  }),
  route({
    method: 'GET',
    path: '/actions/runners/:id/labels',
    need: 'administration=read',
    query: noQuery,
    handle: ({ registry, repo, id }) => {
      const labels = wireLabels(registry.find(repo, id));
      return { status: 200, body: { total_count: labels.length, labels } };
    },
  }),
  route({
    method: 'POST',
    path: '/actions/runners/generate-jitconfig',
    need: 'administration=write',
    query: noQuery,
    body: z.strictObject({
      name: z.string(),
      runner_group_id: z.int(),
      labels: z.array(z.string()).min(1).max(100),
      work_folder: z.string().optional(),
    }),
    handle: ({ world, registry, repo, body, runnerUrl }) => {
      const runner = registry.createJit(repo, body);
      return {
        status: 201,
        body: {
          runner: wireRunner(runner, runner.timeline.current),
          encoded_jit_config: jitConfig(runner, runnerUrl, body.work_folder ?? '_work', world.noise),
        },
      };
    },
  }),
  token('registration'),
  token('remove'),
];
