import { RUNNER } from './template-unit.ts';

/**
 * In place of `Runner.Listener`. `configure` keeps what it got in `.runner`; `run` takes its registration from the
 * environment or from there. One that the simulated GitHub made goes to its stand-in runner, which leaves the hooks to
 * the job; with any other it runs `job` between the two hooks, as the runner would.
 */
export const LISTENER = `#!/usr/bin/node
const { createHash } = require('node:crypto');
const { spawnSync } = require('node:child_process');
const { appendFileSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } = require('node:fs');
const { env, argv } = process;
const settings = env.RUNNER_ROOT + '/.runner';
const base64 = (value) => Buffer.from(JSON.stringify(value)).toString('base64');
const child = (program, args, more) =>
  spawnSync(program, args, { stdio: 'inherit', env: { ...env, ...more } }).status ?? 1;

async function configure() {
  const token = env.ACTIONS_RUNNER_INPUT_TOKEN;
  const option = (name) => argv[argv.indexOf('--' + name) + 1];
  mkdirSync(env.RUNNER_ROOT + '/_diag');
  writeFileSync(env.RUNNER_ROOT + '/_diag/log', token);
  const seen = { uid: process.getuid(), argv: argv.slice(2), sha256: createHash('sha256').update(token).digest('hex') };
  let jit;
  if (!token.startsWith('Secret')) {
    const [url, name, labels] = [option('url'), option('name'), option('labels').split(',')];
    const response = await fetch(new URL('/_fake/runner/register', url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ url, token, name, labels, ephemeral: true, noDefaultLabels: true }),
    });
    if (response.status !== 201) process.exit(1);
    const { serverUrl, clientId } = await response.json();
    jit = base64({ '.runner': base64({ serverUrl }), '.credentials': base64({ data: { ClientId: clientId } }) });
  }
  writeFileSync(settings, JSON.stringify({ ...seen, jit }));
}

function run() {
  appendFileSync(env.HOME + '/runs', 'run\\n');
  const jit = env.ACTIONS_RUNNER_INPUT_JITCONFIG ?? JSON.parse(readFileSync(settings, 'utf8')).jit;
  // Its own environment still has it for everybody who may read that; its children do not get it.
  delete env.ACTIONS_RUNNER_INPUT_JITCONFIG;
  if (jit !== undefined && Buffer.from(jit, 'base64').toString().startsWith('{')) {
    const directory = mkdtempSync('/tmp/stand-in');
    writeFileSync(directory + '/runner-registration', JSON.stringify({ version: 1, mode: 'jit', jitConfig: jit }));
    return child('node', ['/usr/local/lib/stand-in-runner.mjs'], {
      CREDENTIALS_DIRECTORY: directory,
      RUNNER_STAND_IN_NO_HOOKS: '1',
    });
  }
  const job = {
    GITHUB_RUN_ID: '19283746501',
    GITHUB_RUN_ATTEMPT: '2',
    GITHUB_JOB: 'build-and_test',
    GITHUB_REPOSITORY: 'octo-org/hello.world',
  };
  child('sh', ['-e', env.ACTIONS_RUNNER_HOOK_JOB_STARTED], job);
  const status = child('sh', ['${RUNNER}/job'], job);
  child('sh', ['-e', env.ACTIONS_RUNNER_HOOK_JOB_COMPLETED], job);
  return status;
}

if (argv[2] === 'configure') void configure();
else process.exitCode = run();
`;

/**
 * The job: notes who it is and what it can find of a secret, then waits to be let go. The pattern does not match itself
 * on a command line. `/tmp/go` holds the runner's exit status.
 */
export const JOB = `#!/bin/sh
mkdir "$HOME/report"
cd "$HOME/report"
id -u > uid
id -G > groups
cat /run/credentials/runner.service/runner-registration > credential 2> /dev/null
grep -E 'NoNewPrivs|CapBnd' /proc/self/status > privileges
env > environment
find /run /etc /home /var /tmp /dev -name runner-registration -readable > readable 2> /dev/null
grep -rls 'Secret[O]f' /run /etc /home /root /var /tmp /dev/shm > files
grep -ls 'Secret[O]f' /proc/[0-9]*/cmdline > command-lines
grep -ls 'Secret[O]f' /proc/[0-9]*/environ > environments
echo done > done
tries=0
until [ -e /tmp/go ]; do
  tries=$((tries + 1))
  [ "$tries" -lt 400 ] || exit 99
  sleep 0.05
done
exit "$(cat /tmp/go)"
`;

/** The two things that runner.sh asks of jq, which the guest tree does not have. */
export const JQ = `#!/usr/bin/node
const [, , raw, filter, file] = process.argv;
const given = JSON.parse(require('node:fs').readFileSync(file, 'utf8'));
const field = /^[.](\\w+) [/][/] empty$/.exec(filter)?.[1];
if (raw !== '-r') process.exitCode = 2;
else if (field !== undefined) {
  if (given[field] !== undefined && given[field] !== null) console.log(given[field]);
} else if (filter === '.labels | join(",")') console.log(given.labels.join(','));
else process.exitCode = 3;
`;
