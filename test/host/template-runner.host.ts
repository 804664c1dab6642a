import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

import type { Container } from '../../src/core/observation.ts';
import type { Engine } from '../../src/core/ports.ts';
import { createNspawnEngine } from '../../src/engine/nspawn/nspawn.ts';
import { observeUntil, orderFor, registered } from '../contract/engine.ts';
import { remains } from './support/leaks.ts';
import { destroyAll, makeOptions, NEVER } from './support/machine.ts';
import { startController, startGithub } from './support/service.ts';
import { sh } from './support/shell.ts';
import { jobs, queueJobs, report, until } from './support/stage.ts';
import { makeTemplateTree } from './support/template-tree.ts';
import { evaluateTemplateUnit, RUNNER, unitText } from './support/template-unit.ts';

const SECRET = 'SecretOfThisTest';
const JIT = { version: 1, mode: 'jit', jitConfig: SECRET };
const TOKEN = {
  version: 1,
  mode: 'token',
  url: 'https://github.com/octo-org/hello.world',
  token: SECRET,
  name: 'host-j1',
  labels: ['self-hosted', 'ci'],
  group: 'Default',
};
const CREDENTIAL = '/run/credentials/runner.service/runner-registration';
/** What the engine says of the job, and what the hooks wrote of it. */
const JOB = { runId: 19_283_746_501, runAttempt: 2, repository: 'octo-org/hello.world' };
const WRITTEN = {
  run_id: '19283746501',
  run_attempt: '2',
  job: 'build-and_test',
  repository: 'octo-org/hello.world',
};

const unit = evaluateTemplateUnit();
let tree: ReturnType<typeof makeTemplateTree>;
beforeAll(() => {
  tree = makeTemplateTree(unit);
});
afterAll(() => tree[Symbol.dispose]());

interface Running {
  readonly engine: Engine;
  /** The container's own files, which stay until it is destroyed. */
  readonly upper: string;
  /** The listener's process, as the machine sees it. */
  readonly proc: string;
}

/** A container with the template's runner, up to where its job has looked around and waits. */
async function startJob(registration: unknown): Promise<Running> {
  const { engine, root } = makeEngine();
  await engine.create(orderFor('j1'), NEVER);
  await engine.start('j1', registered('j1', { reveal: () => JSON.stringify(registration) }), NEVER);
  const upper = join(root, 'upper');
  await until(
    'the job has looked around',
    120,
    () => existsSync(join(upper, unit.user.home, 'report/done')),
    Boolean,
  );
  const [listener = 'none', ...others] = processes().filter((each) =>
    argvOf(each).includes(`${RUNNER}/bin/Runner.Listener`),
  );
  expect(others).toEqual([]);
  return { engine, upper, proc: join('/proc', listener) };
}

function makeEngine(): { readonly engine: Engine; readonly root: string } {
  const options = makeOptions();
  const engine = createNspawnEngine({ ...options, rootfs: tree.path });
  onTestFinished(() => destroyAll(engine));
  return { engine, root: join(options.stateDir, 'instances/j1') };
}

function processes(): readonly string[] {
  return readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name));
}

function argvOf(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
  } catch {
    // It ended between the two.
    return [];
  }
}

/** What the job noted. */
function noted(upper: string, name: string): string {
  return readFileSync(join(upper, unit.user.home, 'report', name), 'utf8').trim();
}

/** Lets the job end, and with it the runner, with this status; returns the container when it is off. */
async function letGo({ engine, proc }: Running, status: number): Promise<Container | undefined> {
  writeFileSync(join(proc, 'root/tmp/go.aside'), `${status}\n`);
  sh(`mv ${proc}/root/tmp/go.aside ${proc}/root/tmp/go`);
  return observeUntil(engine, 'j1', (container) => container?.state === 'ended');
}

describe("the template's runner unit", () => {
  it('is what runner.nix says, and systemd understands every line of it', () => {
    const text = unitText(unit);
    for (const line of [
      'Type=exec',
      'LoadCredential=runner-registration',
      'Restart=no',
      'KillSignal=SIGINT',
      'SuccessAction=poweroff-force',
      'FailureAction=poweroff-force',
    ])
      expect(text.split('\n')).toContain(line);
    expect(unit.serviceConfig['ExecStart']).toMatch(/^\/bin\/sh \/nix\/store\/\S+-runner\.sh$/);
    expect(sh(`systemd-analyze verify --man=no ${tree.path}/etc/systemd/system/runner.service 2>&1`)).toBe(
      '',
    );
  });

  it('runs one job with a just-in-time configuration, and the container is off after it', async () => {
    const running = await startJob(JIT);
    const { engine, upper, proc } = running;

    const signalled = await observeUntil(engine, 'j1', (container) => container?.started !== null);
    expect(signalled).toMatchObject({ state: 'running', started: JOB, completed: null });
    const signals = join(upper, '../signals');
    expect(readdirSync(signals)).toEqual(['started']);
    expect(JSON.parse(readFileSync(join(signals, 'started'), 'utf8'))).toMatchObject(WRITTEN);

    const pid = proc.slice('/proc/'.length);
    expect(argvOf(pid).slice(-2)).toEqual([`${RUNNER}/bin/Runner.Listener`, 'run']);
    expect(readFileSync(join(proc, 'environ'), 'utf8').split('\0')).toContain(
      `ACTIONS_RUNNER_INPUT_JITCONFIG=${SECRET}`,
    );
    expect(processes().filter((each) => argvOf(each).join(' ').includes(SECRET))).toEqual([]);

    // There it is, for root; and the job's user, who looked for it, has not found it.
    expect(readFileSync(join(proc, 'root', CREDENTIAL), 'utf8')).toContain(SECRET);
    const places = ['credential', 'readable', 'files', 'command-lines'];
    expect(places.map((name) => noted(upper, name))).toEqual(places.map(() => ''));
    expect(noted(upper, 'environment')).not.toMatch(/SecretOf|CREDENTIALS_DIRECTORY|RUNNER_(?:UID|LISTENER)/);
    expect(noted(upper, 'uid')).toBe(String(unit.user.uid));
    expect(noted(upper, 'groups')).toBe(String(unit.user.uid));
    expect(noted(upper, 'privileges').split(/\s+/)).toEqual([
      'CapBnd:',
      '0000000000000000',
      'NoNewPrivs:',
      '1',
    ]);

    const ended = await letGo(running, 0);
    expect(ended).toMatchObject({ started: JOB, completed: JOB, exit: { code: 0 } });
    expect(JSON.parse(readFileSync(join(signals, 'completed'), 'utf8'))).toMatchObject(WRITTEN);
    expect(readFileSync(join(upper, unit.user.home, 'runs'), 'utf8')).toBe('run\n');
    await engine.destroy('j1', { clean: false }, NEVER);
    expect(remains()).toEqual([]);
  });

  it('uses a registration token up before the job, which finds it nowhere', async () => {
    const running = await startJob(TOKEN);
    const { upper, proc } = running;
    const settings: unknown = JSON.parse(
      readFileSync(join(upper, unit.user.home, 'actions-runner/.runner'), 'utf8'),
    );
    const sha256 = createHash('sha256').update(SECRET).digest('hex');
    expect(settings).toMatchObject({ uid: 0, sha256 });
    expect(JSON.stringify(settings)).not.toContain(SECRET);
    expect(readFileSync(join(proc, 'root', CREDENTIAL), 'utf8')).toContain(SECRET);
    expect(readFileSync(join(proc, 'environ'), 'utf8')).not.toMatch(/SecretOf|ACTIONS_RUNNER_INPUT/);
    const places = ['credential', 'readable', 'files', 'command-lines', 'environments'];
    expect(places.map((name) => noted(upper, name))).toEqual(places.map(() => ''));
    expect(await letGo(running, 0)).toMatchObject({ started: JOB, completed: JOB, exit: { code: 0 } });
  });

  it('takes the container down with a runner that fails, and does not start it again', async () => {
    const running = await startJob(JIT);
    expect(await letGo(running, 7)).toMatchObject({ state: 'ended', completed: JOB });
    expect(readFileSync(join(running.upper, unit.user.home, 'runs'), 'utf8')).toBe('run\n');
  });

  it('runs nothing without its credential, and takes the container down', async () => {
    const { engine, root } = makeEngine();
    await engine.create(orderFor('j1'), NEVER);
    const boot = readFileSync(join(root, 'boot'), 'utf8');
    const without = boot.replace(/ --load-credential=\S+/, '');
    expect(without).not.toBe(boot);
    writeFileSync(join(root, 'boot'), without);
    const console = sh(
      `systemd-run --quiet --wait --pipe --collect -p PrivateMounts=yes -p Delegate=yes -p RuntimeMaxSec=20 -p TimeoutStopSec=2 -- /bin/sh ${root}/boot 2>&1`,
    );
    expect(console).toContain('there is no credential runner-registration');
    expect(console).toContain('Powering off.');
    expect(existsSync(join(root, 'upper', unit.user.home, 'runs'))).toBe(false);
    expect(existsSync(join(root, 'upper', unit.user.home, 'actions-runner'))).toBe(false);
  });
});

describe('the whole controller with such containers', () => {
  it.each([
    ['jit', 'test ! -e'],
    ['token', 'test -e'],
  ])('runs jobs that are registered by %s', async (mode, configured) => {
    // The stand-in leaves the hooks to the job, since here they are to be the template's.
    const script = [
      'sh -e "$ACTIONS_RUNNER_HOOK_JOB_STARTED"',
      `test "$(id -u)" = ${unit.user.uid}`,
      `${configured} "$RUNNER_ROOT/.runner"`,
      'test -s /run/runner-signals/started',
      'sh -e "$ACTIONS_RUNNER_HOOK_JOB_COMPLETED"',
    ].join('\n');
    await startGithub();
    startController('nspawn', { NSPAWN_ROOTFS: tree.path, REGISTRATION: mode });
    await queueJobs(2, script);
    await until(
      'every job has ended',
      240,
      jobs,
      (all) => all.length === 2 && all.every((job) => job.status === 'completed'),
    );
    expect((await jobs()).map(({ conclusion }) => conclusion)).toEqual(['success', 'success']);
    await until('nothing is left on the machine', 120, remains, (left) => left.length === 0);
    expect(await report()).toMatchObject({ ranTwice: [], neverRan: [], openJobs: [], violations: [] });
  });
});
