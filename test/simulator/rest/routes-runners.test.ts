import { expect, it } from 'vitest';

import { credentials, list, openSimulator, type Answer, type Simulator } from '../harness.ts';

const RUNNERS = '/repos/o/r/actions/runners';
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

function jit(simulator: Simulator, name: string, more: object = {}): Promise<Answer> {
  return simulator.post(`${RUNNERS}/generate-jitconfig`, {
    name,
    runner_group_id: 1,
    labels: ['a'],
    ...more,
  });
}

async function namesOf(simulator: Simulator): Promise<unknown[]> {
  return list(await simulator.get(RUNNERS), 'runners').map((runner) => runner['name']);
}

/** A connected runner that has taken the only job. */
async function busyRunner(
  simulator: Simulator,
  name: string,
): Promise<{ id: number; session: string; jobId: number }> {
  const { jobId } = simulator.github.createJob({ labels: ['self-hosted'] });
  const { id, session } = await simulator.runner(name);
  await simulator.github.sessions.poll(session);
  simulator.github.sessions.start(session, jobId);
  return { id, session, jobId };
}

it('makes an offline record at once, with a JIT config like the real one', async () => {
  await using simulator = await openSimulator();
  const made = await jit(simulator, 'r1', { work_folder: '_w' });
  expect(made.body['runner']).toMatchObject({ name: 'r1', os: 'unknown', status: 'offline', busy: false });
  const { files } = credentials(String(made.body['encoded_jit_config']));
  expect(Object.keys(files)).toEqual(['.runner', '.credentials', '.credentials_rsaparams']);
  const { id } = made.body['runner'] as { id: number };
  expect(files['.runner']).toMatchObject({
    AgentId: String(id),
    AgentName: 'r1',
    Ephemeral: 'True',
    WorkFolder: '_w',
    ServerUrl: `${simulator.url}/`,
    GitHubUrl: `${simulator.url}/o/r`,
  });
  expect((await simulator.get(`${RUNNERS}/${id}`)).body).toMatchObject({ id, name: 'r1' });
  expect((await simulator.get(`${RUNNERS}/${id}/labels`)).body).toMatchObject({ total_count: 1 });
});

it('writes the address runners shall use into the JIT config', async () => {
  await using simulator = await openSimulator({ runnerUrl: 'http://192.168.100.1:8099' });
  const { files } = credentials(String((await jit(simulator, 'r1')).body['encoded_jit_config']));
  expect(files['.runner']?.['ServerUrl']).toBe('http://192.168.100.1:8099/');
});

it('keeps names unique while the record exists, in the words of GitHub', async () => {
  await using simulator = await openSimulator();
  const made = await jit(simulator, 'r1');
  const again = await jit(simulator, 'R1');
  expect([again.status, again.body['message']]).toEqual([
    409,
    'Already exists - A runner with the name *** already exists.',
  ]);
  const { id } = made.body['runner'] as { id: number };
  expect((await simulator.del(`${RUNNERS}/${id}`)).status).toBe(204);
  expect((await jit(simulator, 'r1')).status).toBe(201);
});

it.each([
  ['no labels', { labels: [] }, 422],
  ['101 labels', { labels: Array.from({ length: 101 }, (_, index) => `l${index}`) }, 422],
  ['an unknown group', { runner_group_id: 9 }, 404],
  ['a name of 65 characters', { name: 'n'.repeat(65) }, 422],
])('refuses %s', async (_what, more, status) => {
  await using simulator = await openSimulator();
  expect((await jit(simulator, 'r1', more)).status).toBe(status);
  expect(await namesOf(simulator)).toEqual([]);
});

it('finds runners by name', async () => {
  await using simulator = await openSimulator();
  await jit(simulator, 'r1');
  await jit(simulator, 'r12');
  expect(list(await simulator.get(`${RUNNERS}?name=r1`), 'runners').map((runner) => runner['name'])).toEqual([
    'r1',
  ]);
});

it('lets a JIT config start one session, and none after deletion', async () => {
  await using simulator = await openSimulator();
  const made = await jit(simulator, 'r1');
  const { clientId } = credentials(String(made.body['encoded_jit_config']));
  const { session, runner } = simulator.github.sessions.connect(clientId);
  expect(() => simulator.github.sessions.connect(clientId)).toThrow('session_conflict');
  simulator.github.sessions.disconnect(session);
  expect(() => simulator.github.sessions.connect(clientId)).toThrow('session_conflict');
  await simulator.del(`${RUNNERS}/${runner.id}`);
  expect(() => simulator.github.sessions.connect(clientId)).toThrow('invalid_client');
});

it('gives registration tokens for an hour, many runners and one repository', async () => {
  await using simulator = await openSimulator({ repos: ['o/r', 'o/s'] });
  const { registry, world } = simulator.github;
  const [here, there] = world.repos as [(typeof world.repos)[0], (typeof world.repos)[0]];
  const issued = await simulator.post(`${RUNNERS}/registration-token`);
  const token = String(issued.body['token']);
  const remove = String((await simulator.post(`${RUNNERS}/remove-token`)).body['token']);
  const wanted = (name: string) => ({ name, labels: ['gpu'], ephemeral: true, noDefaultLabels: false });
  expect(registry.register(here, token, wanted('a')).labels.map((label) => [label.name, label.type])).toEqual(
    [
      ['self-hosted', 'read-only'],
      ['Linux', 'read-only'],
      ['X64', 'read-only'],
      ['gpu', 'custom'],
    ],
  );
  const bare = registry.register(here, token, { ...wanted('b'), noDefaultLabels: true });
  expect(bare.labels.map((label) => label.name)).toEqual(['gpu']);
  expect(() => registry.register(here, token, wanted('a'))).toThrow('already exists');
  expect(() => registry.register(there, token, wanted('c'))).toThrow('registration token');
  expect(() => registry.register(here, remove, wanted('c'))).toThrow('registration token');
  simulator.github.advance(61 * MINUTE);
  expect(() => registry.register(here, token, wanted('c'))).toThrow('registration token');
});

it('gives an ephemeral runner one job, then lets its record linger', async () => {
  await using simulator = await openSimulator({ switches: { removalLagMs: 20_000 } });
  const { id, session, jobId } = await busyRunner(simulator, 'r1');
  const second = simulator.github.createJob({ labels: ['self-hosted'] });
  simulator.github.sessions.finish(session, jobId, 'success');
  expect(await simulator.github.sessions.poll(session, { timeoutMs: 20 })).toBeUndefined();
  const refused = await simulator.del(`${RUNNERS}/${id}`);
  expect(refused.status).toBe(422);
  expect(refused.body['message']).toContain('is currently running a job and cannot be deleted');
  expect((await jit(simulator, 'r1')).status).toBe(409);
  simulator.github.advance(20_000);
  expect((await simulator.del(`${RUNNERS}/${id}`)).status).toBe(404);
  expect(simulator.github.report().counters).toMatchObject({
    created: 1,
    deleted: 0,
    autoRemoved: 1,
    left: 0,
  });
  expect(simulator.github.world.job(second.jobId).timeline.current.status).toBe('queued');
});

it('refuses to delete a busy runner, deletes an idle one with its session, and knows none it does not have', async () => {
  await using simulator = await openSimulator();
  const busy = await busyRunner(simulator, 'r1');
  expect((await simulator.del(`${RUNNERS}/${busy.id}`)).status).toBe(422);
  const idle = await simulator.runner('r2');
  const ended = simulator.github.sessions.poll(idle.session).catch(String);
  expect((await simulator.del(`${RUNNERS}/${idle.id}`)).status).toBe(204);
  expect(await ended).toContain('The runner no longer exists on the server');
  expect((await simulator.del(`${RUNNERS}/${idle.id}`)).status).toBe(404);
});

it.each([
  ['busy', 422, 200, 'in_progress'],
  ['idle', 204, 404, 'queued'],
] as const)(
  'decides a deletion with the assignment in flight as %s',
  async (deleteInFlight, deleted, taken, status) => {
    await using simulator = await openSimulator({ switches: { deleteInFlight } });
    const { jobId } = simulator.github.createJob({ labels: ['self-hosted'] });
    const { id, session } = await simulator.runner('r1');
    const job = await simulator.github.sessions.poll(session);
    expect(job?.id).toBe(jobId);
    expect((await simulator.del(`${RUNNERS}/${id}`)).status).toBe(deleted);
    expect((await simulator.post('/_fake/runner/started', { session, jobId })).status).toBe(taken);
    expect(simulator.github.world.job(jobId).timeline.current.status).toBe(status);
  },
);

it('removes what is never connected: ephemeral after a day, others after fourteen', async () => {
  await using simulator = await openSimulator();
  await jit(simulator, 'r1');
  const { registry, world } = simulator.github;
  const repo = world.repos[0] as (typeof world.repos)[0];
  const { token } = registry.issueToken('registration', repo);
  registry.register(repo, token, { name: 'r2', labels: ['a'], ephemeral: false, noDefaultLabels: true });
  simulator.github.advance(DAY - 5_000);
  expect(await namesOf(simulator)).toEqual(['r1', 'r2']);
  simulator.github.advance(5_000);
  expect(await namesOf(simulator)).toEqual(['r2']);
  simulator.github.advance(13 * DAY);
  expect(await namesOf(simulator)).toEqual([]);
});

it('forgets idle registrations when told to', async () => {
  await using simulator = await openSimulator({ switches: { idleRemovalMs: 51 * MINUTE } });
  const { session } = await simulator.runner('r1');
  const ended = simulator.github.sessions.poll(session).catch(String);
  simulator.github.advance(52 * MINUTE);
  expect(await ended).toContain('no longer exists');
  expect(await namesOf(simulator)).toEqual([]);
});

it('shows records and their state late when told to', async () => {
  await using simulator = await openSimulator({
    switches: { runnerListLagMs: 5_000, runnerStateLagMs: 10_000 },
  });
  const { id } = await simulator.runner('r1');
  expect(await namesOf(simulator)).toEqual([]);
  expect((await simulator.get(`${RUNNERS}/${id}`)).body['status']).toBe('offline');
  simulator.github.advance(6_000);
  expect(await namesOf(simulator)).toEqual(['r1']);
  simulator.github.advance(6_000);
  expect((await simulator.get(`${RUNNERS}/${id}`)).body['status']).toBe('online');
  simulator.github.createJob({ labels: ['self-hosted'] });
  await simulator.github.waitFor((state) => state.runners.some((runner) => runner.busy));
  expect((await simulator.get(`${RUNNERS}/${id}`)).body['busy']).toBe(false);
  expect((await simulator.del(`${RUNNERS}/${id}`)).status).toBe(422);
});

it('offers downloads', async () => {
  await using simulator = await openSimulator();
  const answer = await simulator.get(`${RUNNERS}/downloads`);
  expect(answer.text).toContain('"architecture":"arm64"');
});
