// Stands where GitHub's runner would be in VM tests, which cannot reach GitHub: it speaks to the simulated one.
// `configure` registers with a token, `run` takes one job, calls the job hooks around its script, and ends.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const root = process.env['RUNNER_ROOT'];
const [command, ...rest] = process.argv.slice(2);

async function post(server, path, body) {
  const response = await fetch(`${server}/_fake/runner/${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.status === 204 ? undefined : response.json();
}

function option(name) {
  return rest[rest.indexOf(`--${name}`) + 1];
}

if (command === 'configure') {
  const url = option('url');
  const registered = await post(new URL(url).origin, 'register', {
    url,
    token: process.env['ACTIONS_RUNNER_INPUT_TOKEN'],
    name: option('name'),
    labels: option('labels').split(','),
    noDefaultLabels: true,
  });
  writeFileSync(`${root}/.runner`, JSON.stringify(registered));
} else {
  const jit = process.env['ACTIONS_RUNNER_INPUT_JITCONFIG'];
  delete process.env['ACTIONS_RUNNER_INPUT_JITCONFIG'];
  const file = (name, files = JSON.parse(Buffer.from(jit, 'base64').toString())) =>
    JSON.parse(Buffer.from(files[name], 'base64').toString());
  const { serverUrl, clientId } =
    jit === undefined
      ? JSON.parse(readFileSync(`${root}/.runner`, 'utf8'))
      : {
          serverUrl: file('.runner').ServerUrl.replace(/\/$/u, ''),
          clientId: file('.credentials').Data.ClientId,
        };
  const { session } = await post(serverUrl, 'connect', { clientId });
  let offer;
  while (offer === undefined) offer = await post(serverUrl, 'poll', { session, seconds: 20 });
  const { job } = offer;
  await post(serverUrl, 'started', { session, jobId: job.id });
  const env = {
    ...process.env,
    ...job.env,
    GITHUB_RUN_ID: String(job.runId),
    GITHUB_RUN_ATTEMPT: String(job.attempt),
    GITHUB_JOB: job.key,
    GITHUB_REPOSITORY: job.repository,
  };
  const shell = (args) => spawnSync('/bin/sh', args, { env, stdio: 'inherit' }).status === 0;
  shell(['-e', env['ACTIONS_RUNNER_HOOK_JOB_STARTED']]);
  const good = shell(['-ec', job.script]);
  shell(['-e', env['ACTIONS_RUNNER_HOOK_JOB_COMPLETED']]);
  await post(serverUrl, 'finish', { session, jobId: job.id, result: good ? 'success' : 'failure' });
}
