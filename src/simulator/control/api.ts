/**
 * How tests and the demo steer the simulated GitHub and ask what happened. `api.ts` offers the methods of
 * `SimulatedGithub` over HTTP, and `report.ts` sums a history up. Real clients never use these routes.
 */

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';

import { defaultSwitches, type Switches } from '../options.ts';
import { faultRule } from '../rest/faults.ts';
import { parsed, textOf } from '../rest/http-helpers.ts';
import type { SimulatedGithub } from '../simulated-github.ts';
import { accept, conclusionInput, runInput, singleJobInput } from './input.ts';

const none = z.strictObject({}).optional();
const id = z.coerce.number().int();
const permission = z.enum(['read', 'write']).optional();

const schemas = {
  cancel: z.strictObject({ force: z.boolean().default(false) }).default({ force: false }),
  rerun: z.strictObject({ scope: z.enum(['all', 'failed']).default('all') }).default({ scope: 'all' }),
  approve: z.strictObject({ environment: z.string().optional() }).default({}),
  start: z.strictObject({ runnerName: z.string().optional() }).default({}),
  complete: z
    .strictObject({ conclusion: conclusionInput.default('success') })
    .default({ conclusion: 'success' }),
  clock: z.strictObject({ advanceMs: z.number().min(0) }),
  faults: z.union([faultRule.transform((rule) => [rule]), z.array(faultRule)]),
  rename: z.strictObject({ from: z.string(), to: z.string() }),
  limit: z.strictObject({
    kind: z.enum(['primary', 'secondary']),
    seconds: z.number().min(0),
    login: z.string().optional(),
  }),
  token: z.strictObject({
    token: z.string(),
    login: z.string(),
    permissions: z.strictObject({ actions: permission, administration: permission }).optional(),
    repos: z.array(z.string()).optional(),
  }),
  revoke: z.strictObject({ token: z.string() }),
  state: z.strictObject({ all: z.enum(['true', 'false']).optional() }),
};

/** Checks the names of switches, and that each value has the type of its default. */
function switchesOf(value: unknown): Partial<Switches> {
  const given = accept(z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])), value);
  const known: Readonly<Record<string, unknown>> = defaultSwitches;
  const shape = Object.fromEntries(
    Object.keys(given).map((name) => [
      name,
      z.custom(
        (setting) => typeof setting === typeof known[name],
        `no such switch, or not a ${typeof known[name]}`,
      ),
    ]),
  );
  return accept(z.strictObject(shape), given);
}

/** The control API, `/_fake/*`: the methods of `SimulatedGithub` over HTTP. */
export function controlApi(app: FastifyInstance, github: SimulatedGithub): void {
  const body = (request: FastifyRequest): unknown => parsed(textOf(request));
  const idOf = (request: FastifyRequest): number => accept(id, (request.params as { id: string }).id);

  app.post('/_fake/runs', (request, reply) =>
    reply.code(201).send(github.createRun(accept(runInput, body(request)))),
  );
  app.post('/_fake/jobs', (request, reply) =>
    reply.code(201).send(github.createJob(accept(singleJobInput, body(request)))),
  );
  const act = (path: string, effect: (request: FastifyRequest) => void): void => {
    app.post(path, (request, reply) => {
      effect(request);
      return reply.code(204).send();
    });
  };
  act('/_fake/runs/:id/cancel', (request) =>
    github.cancelRun(idOf(request), accept(schemas.cancel, body(request)).force),
  );
  act('/_fake/runs/:id/rerun', (request) =>
    github.rerun(idOf(request), accept(schemas.rerun, body(request)).scope),
  );
  act('/_fake/runs/:id/approve', (request) =>
    github.approve(idOf(request), accept(schemas.approve, body(request)).environment),
  );
  act('/_fake/jobs/:id/cancel', (request) => {
    accept(none, body(request));
    github.cancelJob(idOf(request));
  });
  act('/_fake/jobs/:id/start', (request) =>
    github.startJob(idOf(request), accept(schemas.start, body(request)).runnerName),
  );
  act('/_fake/jobs/:id/complete', (request) =>
    github.completeJob(idOf(request), accept(schemas.complete, body(request)).conclusion),
  );
  act('/_fake/runners/:id/lose', (request) => github.loseRunner(idOf(request)));
  act('/_fake/repos/rename', (request) => {
    const { from, to } = accept(schemas.rename, body(request));
    github.renameRepo(from, to);
  });
  act('/_fake/clock', (request) => github.advance(accept(schemas.clock, body(request)).advanceMs));
  act('/_fake/switches', (request) => github.configure(switchesOf(body(request))));
  act('/_fake/limit', (request) => {
    const { kind, seconds, login } = accept(schemas.limit, body(request));
    github.limit(kind, seconds, login);
  });
  act('/_fake/tokens', (request) => {
    const { permissions, repos, ...token } = accept(schemas.token, body(request));
    github.identities.add({
      ...token,
      ...(repos === undefined ? {} : { repos }),
      ...(permissions === undefined ? {} : { permissions: defined(permissions) }),
    });
  });
  act('/_fake/tokens/revoke', (request) =>
    github.identities.revoke(accept(schemas.revoke, body(request)).token),
  );
  act('/_fake/faults', (request) => github.addFaults(accept(schemas.faults, body(request))));
  app.delete('/_fake/faults', (_request, reply) => {
    github.clearFaults();
    return reply.code(204).send();
  });
  app.get('/_fake/report', () => github.report());
  app.get('/_fake/state', (request) => github.state(accept(schemas.state, request.query).all === 'true'));
}

/** The object without the keys whose value is undefined. */
function defined<T extends object>(value: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as never;
}
