import { stat } from 'node:fs/promises';
import { request } from 'node:http';
import { describe, expect, it } from 'vitest';

import { healthSchema, statusSchema } from '../../src/http/schema.ts';
import { openLocal } from '../support/in-process.ts';
import { createHeldJobs, untilBusy } from '../support/jobs.ts';
import { openStage } from '../support/stage.ts';
import { SLOW, until } from '../support/wait.ts';

/** Contract section 4, written out. */
const KEYS = {
  status: [
    'active_containers',
    'debts',
    'draining',
    'github',
    'job_timeout_seconds',
    'max_concurrent',
    'poll_interval_seconds',
    'queue',
    'uptime_seconds',
    'version',
  ],
  container: [
    'address',
    'class',
    'deadline',
    'job_id',
    'name',
    'phase',
    'runner_id',
    'runner_name',
    'running_job_id',
    'running_seconds',
    'since',
    'subnet',
    'system',
  ],
  queued: ['job_id', 'labels', 'queued_at', 'repository', 'waiting'],
  waiting: ['detail', 'reason'],
  debt: ['next_try', 'reason', 'runner_id', 'runner_name', 'since'],
  github: ['last_good_poll', 'last_poll', 'ok', 'problems', 'rate_limit', 'requests'],
  requests: ['by_purpose', 'counted', 'not_modified', 'sent'],
  rateLimit: ['limit', 'remaining', 'resets_at'],
};
const SECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

function keysOf(value: unknown): readonly string[] {
  return Object.keys(value as object).sort();
}

/** A request over the control socket. */
function overSocket(path: string, method: string, url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath: path, method, path: url, agent: false }, (answer) => {
      answer.resume();
      answer.once('end', () => resolve(answer.statusCode ?? 0));
    });
    sent.once('error', reject);
    sent.end();
  });
}

describe('the read-only API of a controller at work', SLOW, () => {
  it.concurrent('/status has exactly the keys of the contract, with a container, a queue and a debt', async () => {
    await using stage = await openStage({ env: { MAX_CONCURRENT: '1' } });
    const debt = {
      runnerName: 'test-j7654321-0000zzzz',
      runnerId: null,
      scope: 'o/r',
      since: Date.UTC(2026, 10, 20),
      reason: 'GitHub refuses: busy',
      attempts: 1,
      nextTry: Date.UTC(2126, 10, 20),
    };
    stage.github.addFaults([{ path: '/actions/runners', method: 'GET', status: 500 }]);
    await using controller = await openLocal(stage);
    await controller.app.loop.record([{ kind: 'orphan-found', debt }]);
    createHeldJobs(stage, 2);
    await untilBusy(controller, 1);
    await controller.until('the other job to wait', ({ queue }) => queue.length === 1);
    const answer = await fetch(`${controller.url}/status`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    const body: unknown = await answer.json();
    const seen = statusSchema.parse(body);
    const [container] = seen.active_containers;
    const [queued] = seen.queue;
    expect({
      status: keysOf(body),
      container: keysOf(container),
      queued: keysOf(queued),
      waiting: keysOf(queued?.waiting),
      debt: keysOf(seen.debts[0]),
      github: keysOf(seen.github),
      rateLimit: keysOf(seen.github.rate_limit),
      requests: keysOf(seen.github.requests.last_hour),
    }).toEqual(KEYS);
    expect(container?.subnet).toMatch(/^192\.168\.\d+\.0\/24$/);
    expect(container?.address).toBe(container?.subnet.replace('.0/24', '.2'));
    for (const time of [container?.since, container?.deadline, queued?.queued_at, seen.github.last_poll]) {
      expect(time).toMatch(SECONDS);
    }
  });

  it.concurrent('/status before the first poll has every key, null where nothing is known', async () => {
    await using stage = await openStage();
    stage.github.addFaults([{ hang: true }]);
    await using controller = await openLocal(stage);
    const body: unknown = await (await fetch(`${controller.url}/status`)).json();
    expect(keysOf(body)).toEqual(KEYS.status);
    expect(statusSchema.parse(body)).toMatchObject({
      active_containers: [],
      queue: [],
      debts: [],
      github: { last_poll: null, last_good_poll: null, ok: false, rate_limit: null, problems: [] },
      draining: false,
    });
  });

  it.concurrent('/health is ok, and says when the engine cannot be read, then ok again', async () => {
    await using stage = await openStage();
    let broken = false;
    const engine = {
      observe: () =>
        broken
          ? Promise.reject(new Error('no host today'))
          : Promise.resolve({
              askedAt: Date.now(),
              containers: [],
              namesInUse: [],
              subnetsInUse: [],
              freeDisk: null,
            }),
      create: () => Promise.reject(new Error('not asked for')),
      start: () => Promise.reject(new Error('not asked for')),
      discardCredential: () => Promise.resolve(),
      destroy: () => Promise.resolve(),
      watch: () => ({ [Symbol.dispose]: () => undefined }),
      doctor: () => Promise.resolve([]),
    };
    await using controller = await openLocal(stage, { engine });
    const first = await controller.health();
    expect(first).toEqual({ code: 200, body: { status: 'ok' } });
    expect(healthSchema.parse(first.body)).toEqual(first.body);
    broken = true;
    const degraded = await until('it to be degraded', async () => {
      const seen = await controller.health();
      return seen.code === 503 && seen;
    });
    expect(healthSchema.parse(degraded.body)).toEqual({ status: 'degraded', reasons: ['engine-unreadable'] });
    broken = false;
    await until('it to be well', async () => (await controller.health()).code === 200);
    const messages = controller.log.map(({ msg }) => msg);
    expect(messages).toContain('engine cannot be read');
    expect(messages).toContain('engine can be read again');
  });

  it.concurrent('anything else is 404 in JSON, and nothing over TCP writes', async () => {
    await using stage = await openStage();
    await using controller = await openLocal(stage);
    for (const path of [
      '/',
      '/metrics',
      '/events',
      '/status/x',
      '/../etc/passwd',
      '/%00',
      '/stop',
      '/drain',
      '/%zz',
    ]) {
      const answer = await fetch(`${controller.url}${path}`);
      expect([path, answer.status]).toEqual([path, 404]);
      expect(await answer.json()).toMatchObject({ error: 'not found' });
    }
    for (const path of ['/stop', '/drain', '/resume', '/cleanup', '/status', '/health']) {
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
        const answer = await fetch(`${controller.url}${path}`, {
          method,
          headers: { 'content-type': 'application/json' },
          body: method === 'POST' ? '{broken' : '{}',
        });
        expect([method, path, answer.status]).toEqual([method, path, 404]);
        await answer.json();
      }
    }
    expect((await controller.status()).draining).toBe(false);
  });

  it.concurrent("the control socket is the owner's alone, reads too, and goes with the controller", async () => {
    await using stage = await openStage();
    {
      await using _controller = await openLocal(stage);
      expect((await stat(stage.socket)).mode & 0o777).toBe(0o600);
      expect(await overSocket(stage.socket, 'GET', '/status')).toBe(200);
      expect(await overSocket(stage.socket, 'GET', '/health')).toBe(200);
    }
    await expect(stat(stage.socket)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
