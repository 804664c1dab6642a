/**
 * A program that behaves like an actions runner towards its host, and speaks to the simulated GitHub.
 *
 * It takes its registration from `$CREDENTIALS_DIRECTORY/runner-registration`, one job, calls the job hooks, runs the
 * job's script for real and ends with the exit codes of `Runner.Listener run`. It imports `node:` modules only, so
 * that this one file is enough inside a container; docs/simulator.md lists what makes it misbehave.
 */
import { spawn } from 'node:child_process';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { Agent, request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const VERSION = '2.336.0';
const POLL_SECONDS = 20;
const CALL_MS = 10_000;
/** A real listener gives up after as many poll errors in a row. */
const MOST_ERRORS = 10;
const NETWORK_STEP_MS = 50;
/** How long a script may take to end after SIGTERM. */
const KILL_AFTER_MS = 5_000;
/** A runner with this label ends before it connects. */
const FAIL_BOOT = 'fail-boot';
const EXIT = { ok: 0, terminated: 1, retryable: 2, sessionConflict: 5 } as const;

type Registration =
  | { version: 1; mode: 'jit'; jitConfig: string }
  | { version: 1; mode: 'token'; url: string; token: string; name: string; labels: string[]; group?: string };
type Job = {
  id: number;
  runId: number;
  attempt: number;
  key: string;
  name: string;
  repository: string;
  script: string;
  env: Record<string, string>;
};
type Answer = { status: number; body: Record<string, unknown> };
type Result = 'success' | 'failure' | 'cancelled';

/** Thrown anywhere to end the program with a code. */
class Exit extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

const { env } = process;
const odd = (name: string): string | undefined => env[`RUNNER_STAND_IN_${name}`];
const agent = new Agent({ keepAlive: true });
const told = new AbortController();

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** One call of the runner API. Rejects when the connection breaks, `ms` pass, or the signal is aborted. */
function call(url: string, body: unknown, ms = CALL_MS, signal?: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const text = JSON.stringify(body);
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
    const limits = signal === undefined ? [AbortSignal.timeout(ms)] : [AbortSignal.timeout(ms), signal];
    const outgoing = httpRequest(
      url,
      { method: 'POST', agent, headers, signal: AbortSignal.any(limits) },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () => {
          try {
            const received = Buffer.concat(chunks).toString('utf8');
            const parsed = (received === '' ? {} : JSON.parse(received)) as Record<string, unknown>;
            resolve({ status: incoming.statusCode ?? 0, body: parsed });
          } catch (error) {
            reject(error);
          }
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(text);
  });
}

/** Calls until GitHub can be reached, because a container starts before its network does. */
async function callOnceReachable(url: string, body: unknown): Promise<Answer> {
  const deadline = Date.now() + Number(odd('NETWORK_SECONDS') ?? 60) * 1000;
  for (;;) {
    try {
      return await call(url, body, CALL_MS, told.signal);
    } catch (error) {
      if (told.signal.aborted) throw new Exit(EXIT.ok, 'told to end before it was connected');
      if (Date.now() >= deadline)
        throw new Exit(EXIT.retryable, `GitHub cannot be reached: ${String(error)}`);
      await sleep(NETWORK_STEP_MS);
    }
  }
}

function readRegistration(): Registration {
  const directory = env['CREDENTIALS_DIRECTORY'];
  if (directory === undefined)
    throw new Exit(EXIT.terminated, 'CREDENTIALS_DIRECTORY is unset: not configured');
  const given = JSON.parse(readFileSync(join(directory, 'runner-registration'), 'utf8')) as Registration;
  if (given.version !== 1)
    throw new Exit(EXIT.terminated, `registration version ${String(given.version)} is unknown`);
  return given;
}

/** A file of the JIT config with its keys in lower case, because .NET ignores their case too. */
function jitFile(config: string, name: string): Record<string, unknown> {
  const files = JSON.parse(Buffer.from(config, 'base64').toString('utf8')) as Record<string, string>;
  const content = JSON.parse(Buffer.from(files[name] ?? '', 'base64').toString('utf8')) as Record<
    string,
    unknown
  >;
  return Object.fromEntries(Object.entries(content).map(([key, value]) => [key.toLowerCase(), value]));
}

function labelsOf(given: Registration): readonly string[] {
  if (given.mode === 'token') return given.labels;
  const labels = jitFile(given.jitConfig, '.runner')['labels'];
  return Array.isArray(labels) ? labels.map(String) : [];
}

/** The server and client id of this runner. In token mode this registers it. */
async function configure(given: Registration): Promise<{ server: string; clientId: string }> {
  if (given.mode === 'jit') {
    const data = jitFile(given.jitConfig, '.credentials')['data'] as Record<string, string>;
    const serverUrl = String(jitFile(given.jitConfig, '.runner')['serverurl']).replace(/\/$/u, '');
    return { server: odd('SERVER') ?? serverUrl, clientId: String(data['ClientId']) };
  }
  const origin = odd('SERVER') ?? new URL(given.url).origin;
  const { url, token, name, labels } = given;
  const wanted = { url, token, name, labels, ephemeral: true, noDefaultLabels: true };
  const answer = await callOnceReachable(`${origin}/_fake/runner/register`, wanted);
  if (answer.status !== 201)
    throw new Exit(EXIT.terminated, `cannot register: ${String(answer.body['message'])}`);
  return {
    server: odd('SERVER') ?? String(answer.body['serverUrl']),
    clientId: String(answer.body['clientId']),
  };
}

async function connect(server: string, clientId: string): Promise<{ session: string; name: string }> {
  const answer = await callOnceReachable(`${server}/_fake/runner/connect`, { clientId, version: VERSION });
  if (answer.status === 409)
    throw new Exit(EXIT.sessionConflict, 'A session for this runner already exists.');
  if (answer.status !== 200) {
    throw new Exit(EXIT.terminated, `Failed to create a session. ${String(answer.body['message'])}`);
  }
  return { session: String(answer.body['session']), name: String(answer.body['agentName']) };
}

/** Waits for the one job; undefined when told to end, or when the registration is gone. */
async function nextJob(server: string, session: string): Promise<Job | undefined> {
  let errors = 0;
  while (!told.signal.aborted) {
    try {
      const body = { session, seconds: POLL_SECONDS };
      const answer = await call(
        `${server}/_fake/runner/poll`,
        body,
        POLL_SECONDS * 1000 + CALL_MS,
        told.signal,
      );
      errors = 0;
      if (answer.status === 200) return answer.body['job'] as Job;
      if (answer.status === 404) {
        say('The runner no longer exists on the server');
        return undefined;
      }
      if (answer.status === 401) throw new Exit(EXIT.terminated, 'invalid_client');
    } catch (error) {
      if (error instanceof Exit) throw error;
      errors += 1;
      if (errors === MOST_ERRORS) throw new Exit(EXIT.retryable, `Runner connect error: ${String(error)}`);
      if (!told.signal.aborted) await sleep(NETWORK_STEP_MS * errors);
    }
  }
  return undefined;
}

/** Writes the signal file as the template's hooks do: written aside, then renamed. A failure of it is ignored. */
function hook(name: 'started' | 'completed', job: Job): void {
  if (odd('NO_HOOKS') !== undefined) return;
  const directory = env['RUNNER_SIGNALS'] ?? '/run/runner-signals';
  const at = new Date().toISOString();
  const content = {
    run_id: job.runId,
    run_attempt: job.attempt,
    job: job.key,
    repository: job.repository,
    at,
  };
  try {
    const aside = join(directory, `.${name}.${process.pid}`);
    writeFileSync(aside, JSON.stringify(content));
    renameSync(aside, join(directory, name));
  } catch (error) {
    say(`hook ${name}: ${String(error)}`);
  }
}

/** Variables a job sees; its registration and this program's own are not among them. */
function jobEnvironment(job: Job, runner: string): NodeJS.ProcessEnv {
  const inherited = Object.entries(env).filter(
    ([name]) => name !== 'CREDENTIALS_DIRECTORY' && !name.startsWith('RUNNER_STAND_IN_'),
  );
  return {
    ...Object.fromEntries(inherited),
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_REPOSITORY: job.repository,
    GITHUB_RUN_ID: String(job.runId),
    GITHUB_RUN_ATTEMPT: String(job.attempt),
    GITHUB_JOB: job.key,
    GITHUB_WORKSPACE: process.cwd(),
    RUNNER_NAME: runner,
    RUNNER_OS: 'Linux',
    ...job.env,
  };
}

/**
 * Runs the script in a process group of its own; when `stop` fires the group is ended and the result is cancelled.
 */
function runScript(job: Job, runner: string, stop: AbortSignal): Promise<Result> {
  return new Promise((resolve) => {
    const child = spawn('/bin/sh', ['-e', '-c', job.script], {
      detached: true,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: jobEnvironment(job, runner),
    });
    let killer: NodeJS.Timeout | undefined;
    const signalGroup = (signal: NodeJS.Signals): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, signal);
      } catch {
        // The group has ended by itself.
      }
    };
    const end = (): void => {
      signalGroup('SIGTERM');
      killer = setTimeout(signalGroup, KILL_AFTER_MS, 'SIGKILL');
    };
    const ended = (code: number | null): void => {
      clearTimeout(killer);
      stop.removeEventListener('abort', end);
      if (stop.aborted) signalGroup('SIGKILL');
      resolve(stop.aborted ? 'cancelled' : code === 0 ? 'success' : 'failure');
    };
    child.once('error', () => ended(null));
    child.once('exit', ended);
    stop.addEventListener('abort', end);
    if (stop.aborted) end();
  });
}

/** Keeps the job's lock while it runs; calls `cancel` when GitHub wants it ended. */
async function keepAlive(
  server: string,
  session: string,
  job: Job,
  over: AbortSignal,
  cancel: () => void,
): Promise<void> {
  const body = { session, jobId: job.id, seconds: POLL_SECONDS };
  while (!over.aborted) {
    try {
      const answer = await call(
        `${server}/_fake/runner/heartbeat`,
        body,
        POLL_SECONDS * 1000 + CALL_MS,
        over,
      );
      if (answer.body['cancel'] !== true && answer.status === 200) continue;
      cancel();
      return;
    } catch {
      // A broken connection does not end a job; GitHub waits ten minutes for the runner.
      if (!over.aborted) await sleep(NETWORK_STEP_MS * 4);
    }
  }
}

/** Repeats a report while the connection is bad, a bounded number of times. */
async function insist(url: string, body: unknown): Promise<void> {
  for (let tries = 0; tries < MOST_ERRORS; tries += 1) {
    try {
      await call(url, body);
      return;
    } catch {
      await sleep(NETWORK_STEP_MS * (tries + 1));
    }
  }
}

async function runJob(server: string, session: string, runner: string, job: Job): Promise<void> {
  const started = await call(`${server}/_fake/runner/started`, { session, jobId: job.id });
  if (started.status !== 200) {
    say(`Job ${job.name} is gone.`);
    return;
  }
  say(`${new Date().toISOString()}: Running job: ${job.name}`);
  hook('started', job);
  const stop = new AbortController();
  const over = new AbortController();
  const endScript = (): void => stop.abort();
  told.signal.addEventListener('abort', endScript);
  if (told.signal.aborted) endScript();
  const alive = keepAlive(server, session, job, over.signal, endScript);
  const result = await runScript(job, runner, stop.signal);
  hook('completed', job);
  // The heartbeat is kept open meanwhile, because closing it would mean that the runner is lost.
  await insist(`${server}/_fake/runner/finish`, { session, jobId: job.id, result });
  over.abort();
  await alive;
  say(`${new Date().toISOString()}: Job ${job.name} completed with result: ${result}`);
  await sleep(Number(odd('LINGER') ?? 0) * 1000, undefined, { signal: told.signal }).catch(() => {});
}

async function main(): Promise<void> {
  if (odd('EXIT') !== undefined) throw new Exit(Number(odd('EXIT')), 'asked to exit before connecting');
  if (odd('NEVER_CONNECT') !== undefined) {
    say('asked never to connect');
    // The timer is longer than anything else, so that only a signal ends this.
    await sleep(2 ** 31 - 1, undefined, { signal: told.signal }).catch(() => {});
    return;
  }
  const registration = readRegistration();
  if (labelsOf(registration).some((label) => label.toLowerCase() === FAIL_BOOT)) {
    throw new Exit(
      EXIT.terminated,
      `this runner ends before it connects because it has the label ${FAIL_BOOT}`,
    );
  }
  const { server, clientId } = await configure(registration);
  const { session, name } = await connect(server, clientId);
  say(
    `Connected to GitHub\nCurrent runner version: '${VERSION}'\n${new Date().toISOString()}: Listening for Jobs`,
  );
  const job = await nextJob(server, session);
  if (job !== undefined) await runJob(server, session, name, job);
  await call(`${server}/_fake/runner/disconnect`, { session }).catch(() => {});
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    if (odd('IGNORE_TERM') === undefined) told.abort();
  });
}

try {
  await main();
} catch (error) {
  process.exitCode = error instanceof Exit ? error.code : EXIT.terminated;
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
}
agent.destroy();
