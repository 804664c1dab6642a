import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { buildSimulator } from '../../../src/simulator/server.ts';
import type { Program } from '../../support/program.ts';
import { nodeProgram, STAND_IN } from '../../support/program.ts';
import { openSimulator, type Simulator } from '../harness.ts';

const RUNNERS = '/repos/o/r/actions/runners';

type Runner = AsyncDisposable & {
  readonly process: Program;
  readonly directory: string;
  readonly output: () => string;
  /** Resolves with the exit code. */
  readonly ended: Promise<number | null>;
};

/** Starts the stand-in with its registration in a directory of its own, which is also its signals directory. */
async function start(registration: object, variables: Record<string, string> = {}): Promise<Runner> {
  const directory = await mkdtemp(join(tmpdir(), 'stand-in-'));
  await writeFile(join(directory, 'runner-registration'), JSON.stringify(registration));
  const program = nodeProgram([STAND_IN], {
    PATH: process.env['PATH'] ?? '',
    CREDENTIALS_DIRECTORY: directory,
    RUNNER_SIGNALS: directory,
    ...variables,
  });
  return {
    process: program,
    directory,
    output: () => `${program.stdout}${program.stderr}`,
    ended: program.ended.then(({ code }) => code),
    [Symbol.asyncDispose]: async () => {
      await program[Symbol.asyncDispose]();
      await rm(directory, { recursive: true });
    },
  };
}

async function jit(simulator: Simulator, name = 'r1', labels = ['self-hosted']): Promise<object> {
  const body = { name, runner_group_id: 1, labels };
  const made = await simulator.post(`${RUNNERS}/generate-jitconfig`, body);
  return { version: 1, mode: 'jit', jitConfig: made.body['encoded_jit_config'] };
}

async function signal(runner: Runner, name: string): Promise<unknown> {
  return JSON.parse(await readFile(join(runner.directory, name), 'utf8'));
}

const job = (script: string) => ({ name: 'build (a)', key: 'build', labels: ['self-hosted'], script });

it('takes one job, calls the hooks, runs the script for real and ends with 0', async () => {
  await using simulator = await openSimulator({ switches: { removalLagMs: 0 } });
  const script = 'echo "$RUNNER_NAME $GITHUB_JOB $GITHUB_RUN_ATTEMPT $EXTRA ${CREDENTIALS_DIRECTORY:-none}"';
  const { runId, jobId } = simulator.github.createJob({ ...job(script), env: { EXTRA: 'more' } });
  await using runner = await start(await jit(simulator));
  expect(await runner.ended).toBe(0);
  expect(runner.output()).toContain('r1 build 1 more none');
  expect(runner.output()).toContain('Listening for Jobs');
  for (const name of ['started', 'completed']) {
    expect(await signal(runner, name)).toEqual({
      run_id: runId,
      run_attempt: 1,
      job: 'build',
      repository: 'o/r',
      at: expect.stringMatching(/^\d{4}-.*Z$/u),
    });
  }
  expect((await readdir(runner.directory)).toSorted((a, b) => a.localeCompare(b))).toEqual([
    'completed',
    'runner-registration',
    'started',
  ]);
  expect(simulator.github.world.job(jobId).timeline.current).toMatchObject({
    conclusion: 'success',
    runnerName: 'r1',
  });
  await simulator.github.waitFor((state) => state.runners.every((each) => each.removal === 'auto'));
});

it('ends with 0 after a failed job', async () => {
  await using simulator = await openSimulator();
  const { jobId } = simulator.github.createJob(job('exit 3'));
  await using runner = await start(await jit(simulator));
  expect(await runner.ended).toBe(0);
  expect(simulator.github.world.job(jobId).timeline.current.conclusion).toBe('failure');
});

it('runs a job that fails because it asks for that label, in any case', async () => {
  await using simulator = await openSimulator();
  const labels = ['self-hosted', 'Fail-Job'];
  const { jobId } = simulator.github.createJob({ name: 'fails', labels });
  await using runner = await start(await jit(simulator, 'r1', labels));
  expect(await runner.ended).toBe(0);
  expect(runner.output()).toContain('this job fails because it asks for the label fail-job');
  expect(simulator.github.world.job(jobId).timeline.current.conclusion).toBe('failure');
});

it.each(['jit', 'token'] as const)(
  'ends before it is online, with words on stderr, when it has the label fail-boot: %s',
  async (mode) => {
    await using simulator = await openSimulator();
    const labels = ['self-hosted', 'fail-boot'];
    const { body } = await simulator.post(`${RUNNERS}/registration-token`);
    const url = `${simulator.url}/o/r`;
    const withToken = { version: 1, mode, url, token: body['token'], name: 't1', labels };
    await using runner = await start(mode === 'jit' ? await jit(simulator, 'r1', labels) : withToken);
    expect(await runner.ended).toBe(1);
    expect(runner.process.stderr).toBe(
      'this runner ends before it connects because it has the label fail-boot\n',
    );
    expect(simulator.github.state().runners.filter((each) => each.status === 'online')).toEqual([]);
  },
);

it('registers itself with a token and exactly its labels', async () => {
  await using simulator = await openSimulator();
  const { body } = await simulator.post(`${RUNNERS}/registration-token`);
  simulator.github.createJob(job('true'));
  const labels = ['self-hosted', 'ci'];
  const registration = {
    version: 1,
    mode: 'token',
    url: `${simulator.url}/o/r`,
    token: body['token'],
    name: 't1',
    labels,
    group: 'Default',
  };
  await using runner = await start(registration);
  expect(await runner.ended).toBe(0);
  expect([...simulator.github.world.runners.values()][0]).toMatchObject({
    name: 't1',
    ephemeral: true,
    labels: labels.map((name) => ({ name })),
  });
  await using again = await start({ ...registration, token: 'spent' });
  expect(await again.ended).toBe(1);
  expect(again.output()).not.toContain('spent');
});

it('ends with 5 on a second start and with 1 after deletion', async () => {
  await using simulator = await openSimulator();
  const registration = await jit(simulator);
  await using first = await start(registration);
  await simulator.github.waitFor((state) => state.runners.some((each) => each.connected));
  await using second = await start(registration);
  expect(await second.ended).toBe(5);
  const [{ id } = { id: 0 }] = simulator.github.state().runners;
  expect((await simulator.del(`${RUNNERS}/${id}`)).status).toBe(204);
  expect(await first.ended).toBe(0);
  expect(first.output()).toContain('The runner no longer exists on the server');
  await using third = await start(registration);
  expect(await third.ended).toBe(1);
});

it('cancels its job on SIGTERM, with all that the job started', async () => {
  await using simulator = await openSimulator();
  const { jobId } = simulator.github.createJob(job('sleep 300 & echo "child $!"; wait'));
  await using runner = await start(await jit(simulator));
  await expect.poll(runner.output).toMatch(/child \d+/u);
  const child = Number(/child (\d+)/u.exec(runner.output())?.[1]);
  expect(await isAlive(child)).toBe(true);
  runner.process.signal('SIGTERM');
  expect(await runner.ended).toBe(0);
  expect(simulator.github.world.job(jobId).timeline.current.conclusion).toBe('cancelled');
  await expect.poll(() => isAlive(child)).toBe(false);
});

it('ends its script when GitHub cancels the job', async () => {
  await using simulator = await openSimulator();
  const { runId, jobId } = simulator.github.createJob(job('sleep 300'));
  await using runner = await start(await jit(simulator));
  await simulator.github.waitFor((state) => state.jobs.some((each) => each.status === 'in_progress'));
  simulator.github.cancelRun(runId);
  expect(await runner.ended).toBe(0);
  expect(simulator.github.world.job(jobId).timeline.current.conclusion).toBe('cancelled');
});

it('leaves quietly on SIGTERM while idle; its record stays', async () => {
  await using simulator = await openSimulator();
  await using runner = await start(await jit(simulator));
  await simulator.github.waitFor((state) => state.runners.some((each) => each.connected));
  runner.process.signal('SIGTERM');
  expect(await runner.ended).toBe(0);
  expect(simulator.github.state().runners).toMatchObject([{ status: 'offline', removal: null }]);
});

it('is lost at once when it is killed in a job', async () => {
  await using simulator = await openSimulator();
  simulator.github.createJob(job('exec sleep 5'));
  await using runner = await start(await jit(simulator));
  await expect.poll(() => readdir(runner.directory)).toContain('started');
  await expect.poll(() => simulator.github.world.runners.get(21)?.session?.polls).toBe(1);
  runner.process.signal('SIGKILL');
  await simulator.github.waitFor((state) =>
    state.runners.some((each) => each.status === 'offline' && each.busy),
  );
});

it('waits for a network that comes up late', async () => {
  await using simulator = await openSimulator();
  const registration = await jit(simulator);
  const port = Number(new URL(simulator.url).port);
  await simulator.github.close();
  await using runner = await start(registration, { RUNNER_STAND_IN_NETWORK_SECONDS: '20' });
  // The same address, another memory: the registration is unknown there, which is an answer.
  await using back = buildSimulator();
  await back.listen(port);
  expect(await runner.ended).toBe(1);
  expect(runner.output()).toContain('invalid_client');
});

it.each([
  ['exits before connecting', { RUNNER_STAND_IN_EXIT: '7' }, 7],
  [
    'gives up on a network that never comes',
    { RUNNER_STAND_IN_SERVER: 'http://127.0.0.1:9', RUNNER_STAND_IN_NETWORK_SECONDS: '0' },
    2,
  ],
])('%s when asked to', async (_what, variables, code) => {
  await using simulator = await openSimulator();
  await using runner = await start(await jit(simulator), variables);
  expect(await runner.ended).toBe(code);
  expect(simulator.github.state().runners).toMatchObject([{ status: 'offline' }]);
});

it('misbehaves on demand: no hooks, lingering, deaf to SIGTERM', async () => {
  await using simulator = await openSimulator();
  simulator.github.createJob(job('true'));
  const odd = {
    RUNNER_STAND_IN_NO_HOOKS: '1',
    RUNNER_STAND_IN_LINGER: '300',
    RUNNER_STAND_IN_IGNORE_TERM: '1',
  };
  await using runner = await start(await jit(simulator), odd);
  await expect.poll(runner.output).toContain('completed with result: success');
  runner.process.signal('SIGTERM');
  runner.process.signal('SIGINT');
  expect(await readdir(runner.directory)).toEqual(['runner-registration']);
  expect(runner.process.isOver).toBe(false);
});

it('never connects when asked not to, until SIGTERM', async () => {
  await using simulator = await openSimulator();
  await using runner = await start(await jit(simulator), { RUNNER_STAND_IN_NEVER_CONNECT: '1' });
  await expect.poll(runner.output).toContain('asked never to connect');
  runner.process.signal('SIGTERM');
  expect(await runner.ended).toBe(0);
  expect(simulator.github.state().runners).toMatchObject([{ status: 'offline' }]);
});

/** A zombie that nobody has collected yet is dead, too. */
async function isAlive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '0 (gone) Z');
  return !/\) [ZX]/u.test(stat);
}
