import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { executable, has, lacks, lacksRoot, ROOT, temporary, skipped, PATIENCE } from './support/nix.ts';

const missing = lacksRoot() ?? lacks('jq', 'setpriv');

const UID = 47_000;
const SECRET = 'ZXlKbWIyOGlPaUppWVhJaWZRPT0';
const JIT = { version: 1, mode: 'jit', jitConfig: SECRET };
const TOKEN = {
  version: 1,
  mode: 'token',
  url: 'https://github.com/o/r',
  token: SECRET,
  name: 'ci01-j1234567-7f2ak3x9',
  labels: ['self-hosted', 'Linux'],
  group: 'Default',
};

/** What the stand-in for Runner.Listener notes about itself: who it is, how it was called, and what it can read. */
const LISTENER = `#!/bin/sh
note=$RUNNER_ROOT/$1
tr '\\0' '\\n' </proc/$$/environ >"$note.environ"
tr '\\0' '\\n' </proc/$$/cmdline >"$note.argv"
id -u >"$note.uid"
id -G >"$note.groups"
pwd >"$note.pwd"
umask >"$note.umask"
grep NoNewPrivs /proc/$$/status >"$note.privileges"
cat "$CREDENTIAL" >"$note.credential" 2>/dev/null
if [ "$1" = configure ]; then
  mkdir "$RUNNER_ROOT/_diag"
  echo '{}' >"$RUNNER_ROOT/.runner"
else
  exit "\${LISTENER_EXIT:-0}"
fi
`;

interface Given {
  readonly registration?: unknown;
  readonly shell?: string;
  /** What \`ip -4 route show default\` prints, call by call; the last one stays. */
  readonly routes?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly used?: boolean;
}

const UP = 'default via 192.168.100.1 dev eth0';

function run({ registration = JIT, shell = 'sh', routes = [UP], env = {}, used = false }: Given) {
  using directory = temporary();
  const at = (...names: string[]): string => join(directory.path, ...names);
  chmodSync(directory.path, 0o755);
  for (const name of ['bin', 'credentials', 'home']) mkdirSync(at(name));
  chmodSync(at('credentials'), 0o700);
  if (registration !== null) {
    writeFileSync(at('credentials/runner-registration'), JSON.stringify(registration), { mode: 0o400 });
  }
  if (used) {
    mkdirSync(at('home/root'));
    writeFileSync(at('home/root/.runner'), '{}');
  }
  writeFileSync(at('calls'), '');
  writeFileSync(at('routes'), `${routes.join('\n')}\n`);
  executable(at('listener'), LISTENER);
  // Each program notes its arguments, which everybody on a machine can read, and then does its work.
  for (const name of ['jq', 'setpriv', 'chown', 'rm', 'mkdir', 'env', 'sed']) {
    const real = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim();
    executable(at('bin', name), `#!/bin/sh\necho "$0 $*" >>${at('calls')}\nexec ${real} "$@"\n`);
  }
  executable(
    at('bin/ip'),
    `#!/bin/sh\nhead -n 1 ${at('routes')}\n[ "$(wc -l <${at('routes')})" = 1 ] || sed -i 1d ${at('routes')}\n`,
  );
  const { status, stderr } = spawnSync(
    'setpriv',
    ['--groups=4', shell, join(ROOT, 'nix/container/runner.sh')],
    {
      encoding: 'utf8',
      ...PATIENCE,
      env: {
        PATH: `${at('bin')}:${process.env['PATH']}`,
        HOME: at('home'),
        CREDENTIALS_DIRECTORY: at('credentials'),
        CREDENTIAL: at('credentials/runner-registration'),
        RUNNER_LISTENER: at('listener'),
        RUNNER_ROOT: at('home/root'),
        RUNNER_UID: String(UID),
        RUNNER_GID: String(UID),
        RUNNER_KEEP: 'HOME RUNNER_ROOT PATH CREDENTIAL LISTENER_EXIT LISTS',
        NETWORK_TIMEOUT: '1',
        ONLY_FOR_ROOT: 'x',
        LISTS: 'two\nlines=1',
        ...env,
      },
    },
  );
  const note = (name: string): string | undefined =>
    existsSync(at('home/root', name)) ? readFileSync(at('home/root', name), 'utf8') : undefined;
  const owner = (name: string): number | undefined =>
    existsSync(at('home', name)) ? statSync(at('home', name)).uid : undefined;
  return {
    status,
    stderr,
    calls: readFileSync(at('calls'), 'utf8'),
    configure: seen('configure', note),
    run: seen('run', note),
    owners: { home: owner('.'), root: owner('root'), settings: owner('root/.runner') },
    diagnosticsLeft: existsSync(at('home/root/_diag')),
  };
}

function seen(command: string, note: (name: string) => string | undefined) {
  const text = (name: string): string => note(`${command}.${name}`)?.trim() ?? 'not started';
  return {
    uid: text('uid'),
    groups: text('groups'),
    argv: text('argv').split('\n').slice(2),
    environ: text('environ'),
    credential: text('credential'),
    pwd: text('pwd'),
    umask: text('umask'),
    privileges: text('privileges').replace(/\s+/u, ' '),
  };
}

const SHELLS = ['sh', 'bash'].filter(has);

describe.skipIf(missing !== null)(`the template's runner script${skipped(missing)}`, () => {
  describe.each(SHELLS)('in %s', (shell) => {
    it('hands a just-in-time configuration to the runner by environment alone', () => {
      const { status, stderr, run: runner, calls, owners } = run({ shell });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(runner.environ).toContain(`ACTIONS_RUNNER_INPUT_JITCONFIG=${SECRET}`);
      expect(runner.argv).toEqual(['run']);
      expect(calls).not.toContain(SECRET);
      expect(runner).toMatchObject({ uid: String(UID), groups: String(UID), credential: '', umask: '0022' });
      expect(runner.privileges).toBe('NoNewPrivs: 1');
      expect(owners).toMatchObject({ home: UID, root: UID });
    });

    it('gives the job the named variables and no others', () => {
      const environ = run({ shell }).run.environ;
      const names = [...environ.matchAll(/^([A-Z_]+)=/gmu)].map(([, name]) => String(name));
      const theShellsOwn = new Set(['PWD', 'OLDPWD', 'SHLVL']);
      expect(new Set(names.filter((name) => !theShellsOwn.has(name)))).toEqual(
        new Set(['ACTIONS_RUNNER_INPUT_JITCONFIG', 'CREDENTIAL', 'HOME', 'LISTS', 'PATH', 'RUNNER_ROOT']),
      );
    });

    it('uses a registration token up as root, out of reach of the job', () => {
      const {
        status,
        stderr,
        configure,
        run: runner,
        calls,
        owners,
        diagnosticsLeft,
      } = run({ shell, registration: TOKEN });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(configure.uid).toBe('0');
      expect(configure.environ).toContain(`ACTIONS_RUNNER_INPUT_TOKEN=${SECRET}`);
      expect(configure.argv).toEqual([
        'configure',
        '--unattended',
        '--disableupdate',
        '--ephemeral',
        '--no-default-labels',
        '--work',
        '_work',
        '--url',
        'https://github.com/o/r',
        '--name',
        'ci01-j1234567-7f2ak3x9',
        '--labels',
        'self-hosted,Linux',
      ]);
      expect(runner).toMatchObject({ uid: String(UID), argv: ['run'], credential: '' });
      expect(runner.environ).not.toContain(SECRET);
      expect(runner.environ).not.toContain('ACTIONS_RUNNER_INPUT');
      expect(calls).not.toContain(SECRET);
      expect(owners.settings).toBe(UID);
      expect(diagnosticsLeft).toBe(false);
    });
  });

  it('names the runner group of an organisation', () => {
    const { configure } = run({ registration: { ...TOKEN, group: 'build machines' } });
    expect(configure.argv.slice(-2)).toEqual(['--runnergroup', 'build machines']);
  });

  it("ends with the runner's own exit code", () => {
    expect(run({ env: { LISTENER_EXIT: '7' } }).status).toBe(7);
  });

  it.each([
    [
      'a set-uid program is allowed in a user namespace',
      { RUNNER_SETUID_ALLOWED: '1' },
      { privileges: 'NoNewPrivs: 0' },
    ],
    ['more groups for Docker', { RUNNER_GROUPS: '131' }, { groups: `${UID} 131` }],
  ])('%s', (_, env, expected) => {
    expect(run({ env }).run).toMatchObject(expected);
  });

  it('waits for the default route, and for the other end of the link', () => {
    const { status, run: runner } = run({ routes: ['', '', `${UP} linkdown`, UP] });
    expect({ status, uid: runner.uid }).toEqual({ status: 0, uid: String(UID) });
  });

  it.each([
    ['no network', { routes: [''] }, 'no default route after 1 s'],
    ['a link that stays down', { routes: [`${UP} linkdown`] }, 'no default route after 1 s'],
    ['no credential', { registration: null }, 'there is no credential runner-registration'],
    ['a second start', { used: true }, 'was used before; a container runs one job'],
    ['a mode of a newer controller', { registration: { version: 2, mode: 'magic' } }, 'unknown mode'],
    [
      'an empty configuration',
      { registration: { version: 1, mode: 'jit', jitConfig: '' } },
      'has no jitConfig',
    ],
    ['an empty token', { registration: { ...TOKEN, token: '' } }, 'has no token'],
  ] as const)('gives up on %s, and says why', (_, given, message) => {
    const { status, stderr, run: runner } = run(given);
    expect(status).toBe(1);
    expect(stderr).toContain(message);
    expect(runner.uid).toBe('not started');
  });
});
