import { noQuery } from './paging.ts';
import { route, type RestRoute } from './route.ts';
import { fullRepository } from './wire-repo.ts';

export const miscRoutes: readonly RestRoute[] = [
  route({
    method: 'GET',
    path: '/rate_limit',
    scope: 'global',
    need: null,
    query: noQuery,
    handle: ({ rate, apiVersion }) => {
      const core = rate();
      const still = (limit: number): unknown => ({ limit, used: 0, remaining: limit, reset: core.reset });
      return {
        status: 200,
        body: {
          resources: {
            core,
            search: still(30),
            graphql: still(5_000),
            integration_manifest: still(5_000),
            code_scanning_upload: still(1_000),
            actions_runner_registration: still(10_000),
            scim: still(15_000),
          },
          // Gone since API version 2026-03-10.
          ...(apiVersion === '2022-11-28' ? { rate: core } : {}),
        },
      };
    },
  }),
  route({
    method: 'GET',
    path: '',
    need: null,
    query: noQuery,
    handle: ({ repo, origin }) => ({ status: 200, body: fullRepository(repo, origin) }),
  }),
];
