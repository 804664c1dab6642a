import { expect, it } from 'vitest';
import { credentials, list, openFake, type Answer, type Fake } from '../harness.ts';

const RUNNERS = '/repos/o/r/actions/runners';
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

function jit(fake: Fake, name: string, more: object = {}): Promise<Answer> {
  return fake.post(`${RUNNERS}/generate-jitconfig`, { name, runner_group_id: 1, labels: ['a'], ...more });
}

async function namesOf(fake: Fake): Promise<unknown[]> {
  return list(await fake.get(RUNNERS), 'runners').map((runner) => runner['name']);
}

/** A connected runner that has taken the only job. */
async function busyRunner(fake: Fake, name: string): Promise<{ id: number; session: string; jobId: number }> {
  const { jobId } = fake.github.createJob({ labels: ['self-hosted'] });
  const { id, session } = await fake.runner(name);
  await fake.github.sessions.poll(session);
  fake.github.sessions.start(session, jobId);
  return { id, session, jobId };
}

it('makes an offline record at once, with a JIT config like the real one', async () => {
  await using fake = await openFake();
  const made = await jit(fake, 'r1', { work_folder: '_w' });
  expect(made.body['runner']).toMatchObject({ name: 'r1', os: 'unknown', status: 'offline', busy: false });
  const { files } = credentials(String(made.body['encoded_jit_config']));
  expect(Object.keys(files)).toEqual(['.runner', '.credentials', '.credentials_rsaparams']);
  const { id } = made.body['runner'] as { id: number };
  expect(files['.runner']).toMatchObject({
    AgentId: String(id),
    AgentName: 'r1',
    Ephemeral: 'True',
    WorkFolder: '_w',
    ServerUrl: `${fake.url}/`,
    GitHubUrl: `${fake.url}/o/r`,
  });
  expect((await fake.get(`${RUNNERS}/${id}`)).body).toMatchObject({ id, name: 'r1' });
  expect((await fake.get(`${RUNNERS}/${id}/labels`)).body).toMatchObject({ total_count: 1 });
});

it('writes the address runners shall use into the JIT config', async () => {
  await using fake = await openFake({ runnerUrl: 'http://192.168.100.1:8099' });
  const { files } = credentials(String((await jit(fake, 'r1')).body['encoded_jit_config']));
  expect(files['.runner']?.['ServerUrl']).toBe('http://192.168.100.1:8099/');
});

it('keeps names unique while the record exists, in the words of GitHub', async () => {
  await using fake = await openFake();
  const made = await jit(fake, 'r1');
  const again = await jit(fake, 'R1');
  expect([again.status, again.body['message']]).toEqual([
    409,
    'Already exists - A runner with the name *** already exists.',
  ]);
  const { id } = made.body['runner'] as { id: number };
  expect((await fake.del(`${RUNNERS}/${id}`)).status).toBe(204);
  expect((await jit(fake, 'r1')).status).toBe(201);
});

it.each([
  ['no labels', { labels: [] }, 422],
  ['101 labels', { labels: Array.from({ length: 101 }, (_, index) => `l${index}`) }, 422],
  ['an unknown group', { runner_group_id: 9 }, 404],
  ['a name of 65 characters', { name: 'n'.repeat(65) }, 422],
])('refuses %s', async (_what, more, status) => {
  await using fake = await openFake();
  expect((await jit(fake, 'r1', more)).status).toBe(status);
  expect(await namesOf(fake)).toEqual([]);
});

it('finds runners by name', async () => {
  await using fake = await openFake();
  await jit(fake, 'r1');
  await jit(fake, 'r12');
  expect(list(await fake.get(`${RUNNERS}?name=r1`), 'runners').map((runner) => runner['name'])).toEqual([
    'r1',
  ]);
});

it('lets a JIT config start one session, and none after deletion', async () => {
  await using fake = await openFake();
  const made = await jit(fake, 'r1');
  const { clientId } = credentials(String(made.body['encoded_jit_config']));
  const { session, runner } = fake.github.sessions.connect(clientId);
  expect(() => fake.github.sessions.connect(clientId)).toThrow('session_conflict');
  fake.github.sessions.disconnect(session);
  expect(() => fake.github.sessions.connect(clientId)).toThrow('session_conflict');
  await fake.del(`${RUNNERS}/${runner.id}`);
  expect(() => fake.github.sessions.connect(clientId)).toThrow('invalid_client');
});

it('gives registration tokens for an hour, many runners and one repository', async () => {
  await using fake = await openFake({ repos: ['o/r', 'o/s'] });
  const { registry, world } = fake.github;
  const [here, there] = world.repos as [(typeof world.repos)[0], (typeof world.repos)[0]];
  const issued = await fake.post(`${RUNNERS}/registration-token`);
  const token = String(issued.body['token']);
  const remove = String((await fake.post(`${RUNNERS}/remove-token`)).body['token']);
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
  fake.github.advance(61 * MINUTE);
  expect(() => registry.register(here, token, wanted('c'))).toThrow('registration token');
});

it('gives an ephemeral runner one job, then lets its record linger', async () => {
  await using fake = await openFake({ switches: { removalLagMs: 20_000 } });
  const { id, session, jobId } = await busyRunner(fake, 'r1');
  const second = fake.github.createJob({ labels: ['self-hosted'] });
  fake.github.sessions.finish(session, jobId, 'success');
  expect(await fake.github.sessions.poll(session, { timeoutMs: 20 })).toBeUndefined();
  const refused = await fake.del(`${RUNNERS}/${id}`);
  expect(refused.status).toBe(422);
  expect(refused.body['message']).toContain('is currently running a job and cannot be deleted');
  expect((await jit(fake, 'r1')).status).toBe(409);
  fake.github.advance(20_000);
  expect((await fake.del(`${RUNNERS}/${id}`)).status).toBe(404);
  expect(fake.github.report().counters).toMatchObject({ created: 1, deleted: 0, autoRemoved: 1, left: 0 });
  expect(fake.github.world.job(second.jobId).timeline.current.status).toBe('queued');
});

it('refuses to delete a busy runner, deletes an idle one with its session, and knows none it does not have', async () => {
  await using fake = await openFake();
  const busy = await busyRunner(fake, 'r1');
  expect((await fake.del(`${RUNNERS}/${busy.id}`)).status).toBe(422);
  const idle = await fake.runner('r2');
  const ended = fake.github.sessions.poll(idle.session).catch(String);
  expect((await fake.del(`${RUNNERS}/${idle.id}`)).status).toBe(204);
  expect(await ended).toContain('The runner no longer exists on the server');
  expect((await fake.del(`${RUNNERS}/${idle.id}`)).status).toBe(404);
});

it.each([
  ['busy', 422, 200, 'in_progress'],
  ['idle', 204, 404, 'queued'],
] as const)(
  'decides a deletion with the assignment in flight as %s',
  async (deleteInFlight, deleted, taken, status) => {
    await using fake = await openFake({ switches: { deleteInFlight } });
    const { jobId } = fake.github.createJob({ labels: ['self-hosted'] });
    const { id, session } = await fake.runner('r1');
    const job = await fake.github.sessions.poll(session);
    expect(job?.id).toBe(jobId);
    expect((await fake.del(`${RUNNERS}/${id}`)).status).toBe(deleted);
    expect((await fake.post('/_fake/runner/started', { session, jobId })).status).toBe(taken);
    expect(fake.github.world.job(jobId).timeline.current.status).toBe(status);
  },
);

it('removes what is never connected: ephemeral after a day, others after fourteen', async () => {
  await using fake = await openFake();
  await jit(fake, 'r1');
  const { registry, world } = fake.github;
  const repo = world.repos[0] as (typeof world.repos)[0];
  const { token } = registry.issueToken('registration', repo);
  registry.register(repo, token, { name: 'r2', labels: ['a'], ephemeral: false, noDefaultLabels: true });
  fake.github.advance(DAY - 5_000);
  expect(await namesOf(fake)).toEqual(['r1', 'r2']);
  fake.github.advance(5_000);
  expect(await namesOf(fake)).toEqual(['r2']);
  fake.github.advance(13 * DAY);
  expect(await namesOf(fake)).toEqual([]);
});

it('forgets idle registrations when told to', async () => {
  await using fake = await openFake({ switches: { idleRemovalMs: 51 * MINUTE } });
  const { session } = await fake.runner('r1');
  const ended = fake.github.sessions.poll(session).catch(String);
  fake.github.advance(52 * MINUTE);
  expect(await ended).toContain('no longer exists');
  expect(await namesOf(fake)).toEqual([]);
});

it('shows records and their state late when told to', async () => {
  await using fake = await openFake({ switches: { runnerListLagMs: 5_000, runnerStateLagMs: 10_000 } });
  const { id } = await fake.runner('r1');
  expect(await namesOf(fake)).toEqual([]);
  expect((await fake.get(`${RUNNERS}/${id}`)).body['status']).toBe('offline');
  fake.github.advance(6_000);
  expect(await namesOf(fake)).toEqual(['r1']);
  fake.github.advance(6_000);
  expect((await fake.get(`${RUNNERS}/${id}`)).body['status']).toBe('online');
  fake.github.createJob({ labels: ['self-hosted'] });
  await fake.github.waitFor((state) => state.runners.some((runner) => runner.busy));
  expect((await fake.get(`${RUNNERS}/${id}`)).body['busy']).toBe(false);
  expect((await fake.del(`${RUNNERS}/${id}`)).status).toBe(422);
});

it('offers downloads', async () => {
  await using fake = await openFake();
  const answer = await fake.get(`${RUNNERS}/downloads`);
  expect(answer.text).toContain('"architecture":"arm64"');
});
