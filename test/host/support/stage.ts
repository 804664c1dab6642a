import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

import { sh, testSystem } from './shell.ts';

const ADDRESS = '10.42.0.1';
const GITHUB = `http://${ADDRESS}:8099`;
export const UNIT = 'runner-controller.service';
export const STATE_DIR = '/var/lib/runner-controller/service';

export type RealEngine = 'nspawn' | 'nixos-container';

export interface Report {
  readonly ranTwice: readonly number[];
  readonly neverRan: readonly number[];
  readonly openJobs: readonly number[];
  readonly runnersLeft: readonly unknown[];
  readonly violations: readonly unknown[];
  readonly thefts: readonly unknown[];
}

interface FakeJob {
  readonly id: number;
  readonly status: string;
  readonly conclusion: string | null;
  /** Epoch milliseconds. */
  readonly completedAt: number | null;
}

export interface Status {
  readonly active_containers: readonly {
    readonly name: string;
    readonly phase: string;
    readonly runner_name: string;
  }[];
}

/** A simulated GitHub on an address of this machine, in a range that jobs reach only because it is GitHub's. */
export async function openGithub(more: readonly string[] = []): Promise<Disposable> {
  sh(
    `ip link show fake0 > /dev/null 2>&1 || { ip link add fake0 type veth peer name fake1 && ip link set fake1 up && ip addr add ${ADDRESS}/24 dev fake0 && ip link set fake0 up; }`,
  );
  const child = spawn(
    'node',
    [
      'dist/simulator/main.js',
      '--host',
      ADDRESS,
      '--port',
      '8099',
      '--token',
      'secret',
      '--repo',
      'o/r',
      ...more,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await once(child.stdout, 'data');
  return { [Symbol.dispose]: () => void child.kill('SIGKILL') };
}

export async function github<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> {
  const response = await fetch(`${GITHUB}/_fake/${path}`, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

export async function queueJobs(count: number, script: string): Promise<void> {
  const job = { labels: ['self-hosted', 'ci'], script };
  await github('POST', 'runs', { repo: 'o/r', jobs: Array.from({ length: count }, () => job) });
}

export async function jobs(): Promise<readonly FakeJob[]> {
  return (await github<{ jobs: readonly FakeJob[] }>('GET', 'state?all=true')).jobs;
}

/** The runners that the simulated GitHub has on its list. */
export async function runners(): Promise<readonly { readonly id: number; readonly busy: boolean }[]> {
  return (await github<{ runners: { id: number; busy: boolean }[] }>('GET', 'state')).runners;
}

/** One registration request, as the controller makes them. */
export async function register(name: string): Promise<void> {
  const response = await fetch(`${GITHUB}/repos/o/r/actions/runners/generate-jitconfig`, {
    method: 'POST',
    headers: { authorization: 'Bearer secret', 'content-type': 'application/json', 'user-agent': 'bench' },
    body: JSON.stringify({ name, runner_group_id: 1, labels: ['bench'] }),
  });
  if (!response.ok) throw new Error(`generate-jitconfig: ${response.status} ${await response.text()}`);
  await response.arrayBuffer();
}

export async function report(): Promise<Report> {
  return github<Report>('GET', 'report');
}

/** Starts the controller as a service of this machine. */
export function startService(engine: RealEngine, more: Readonly<Record<string, string>> = {}): void {
  mkdirSync(STATE_DIR, { recursive: true, mode: 0o700 });
  writeFileSync('/run/token', 'secret\n', { mode: 0o600 });
  const environment = {
    GITHUB_REPO: 'o/r',
    GITHUB_TOKEN_FILE: '/run/token',
    GITHUB_API_URL: GITHUB,
    RUNNER_NAME_PREFIX: 'host',
    POLL_INTERVAL: '1',
    MIN_FREE_DISK: '0',
    STATE_DIR,
    ENGINE: engine,
    ...(engine === 'nspawn' ? { NSPAWN_ROOTFS: '/srv/guest' } : { CONTAINER_SYSTEM: testSystem() }),
    ...more,
  };
  const lines = Object.entries(environment).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync('/run/runner-controller.env', lines.join(''));
  sh(`systemctl start ${UNIT}`);
}

export async function status(): Promise<Status> {
  return (await (await fetch('http://127.0.0.1:8080/status')).json()) as Status;
}

/** Asks until it is so; says what was seen last when it never is. */
export async function until<T>(
  what: string,
  seconds: number,
  ask: () => Promise<T> | T,
  so: (value: T) => boolean,
): Promise<T> {
  const end = performance.now() + seconds * 1000;
  let seen: unknown = 'nothing';
  while (performance.now() < end) {
    try {
      const value = await ask();
      if (so(value)) return value;
      seen = value;
    } catch (error) {
      seen = error;
    }
    // Each question starts processes, which what is awaited would have to share the cores with.
    await delay(250);
  }
  const log = sh(`journalctl --no-pager -u ${UNIT} -n 40 -o cat`);
  throw new Error(
    `not within ${seconds} s: ${what}; last seen: ${JSON.stringify(seen) ?? String(seen)}\n${String(seen)}\n${log}`,
  );
}
