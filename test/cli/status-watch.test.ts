import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import type { Status } from '../../src/http/schema.ts';
import type { TerminalSize } from '../support/cli.ts';
import { RunningMain } from '../support/cli.ts';
import { TempDirectory } from '../support/tmp.ts';
import { SLOW, until } from '../support/wait.ts';
import { Screen } from './terminal/screen.ts';

const STATUS: Status = {
  active_containers: [],
  max_concurrent: 7,
  poll_interval_seconds: 10,
  job_timeout_seconds: 7200,
  queue: [],
  debts: [],
  github: {
    last_poll: null,
    last_good_poll: null,
    ok: true,
    rate_limit: null,
    problems: [],
    requests: {
      last_hour: {
        sent: 0,
        counted: 0,
        not_modified: 0,
        by_purpose: { observation: 0, registration: 0, cleanup: 0 },
      },
    },
  },
  draining: false,
  version: '0.0.0',
  uptime_seconds: 0,
};

function queued(count: number): Status['queue'] {
  return Array.from({ length: count }, (_, at) => ({
    job_id: 1000 + at,
    repository: 'o/r',
    labels: ['self-hosted'],
    queued_at: new Date(Date.now() - 14.5 * 60_000).toISOString(),
    waiting: { reason: 'host-at-capacity', detail: '7 containers exist' },
  }));
}

/** What answers as a controller does, and can go away and come back at the same place. */
class Controller implements AsyncDisposable {
  status: Status = STATUS;
  /** It takes questions and does not answer them. */
  wedged = false;
  /** How often it was asked, in all its lives. */
  asked = 0;
  #server: Server | null = null;
  #port = 0;

  get port(): string {
    return String(this.#port);
  }

  async start(): Promise<void> {
    const server = createServer((_, response) => {
      this.asked += 1;
      if (!this.wedged) response.end(JSON.stringify(this.status));
    });
    await new Promise<void>((resolve) => {
      server.listen(this.#port, '127.0.0.1', resolve);
    });
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    server?.closeAllConnections();
    await new Promise<void>((resolve) => {
      if (server === null) resolve();
      else server.close(() => resolve());
    });
  }

  /** Resolves once it has been asked this often more. */
  async untilAsked(times: number): Promise<void> {
    const wanted = this.asked + times;
    await until('another question', () => this.asked >= wanted);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

async function openController(): Promise<Controller> {
  const controller = new Controller();
  await controller.start();
  return controller;
}

function watch(controller: Controller, args: readonly string[] = [], terminal?: TerminalSize): RunningMain {
  const env = { HTTP_PORT: controller.port, RUNTIME_DIR: '/nowhere' };
  return new RunningMain(['status', '--watch', ...args], env, terminal);
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').slice(0, -1);
}

async function screenOf(text: string, { columns, rows }: TerminalSize): Promise<Screen> {
  const screen = new Screen(columns, rows);
  await screen.show(text);
  return screen;
}

describe('status --watch', SLOW, () => {
  it.concurrent('outlives a restart of the controller, and an interrupt ends it with 0', async () => {
    await using controller = await openController();
    await using watching = watch(controller);
    await until('the first answer', () => watching.stdout.includes('0 of 7 containers'));
    await controller.stop();
    await until('a word about it', () => watching.stderr.includes('trying again'));
    controller.status = { ...STATUS, max_concurrent: 9 };
    await controller.start();
    await until('the next answer', () => watching.stdout.includes('0 of 9 containers'));
    watching.interrupt();
    expect(await watching.ended).toMatchObject({ code: 0 });
    expect(linesOf(watching.stderr)).toEqual([
      expect.stringMatching(
        /^no status since \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ, trying again: the controller could not be reached at /,
      ),
      'the controller answers again',
    ]);
  });

  it.concurrent('--json: each line of stdout is a status, and all else goes to stderr', async () => {
    await using controller = await openController();
    await using watching = watch(controller, ['--json'], { columns: 80, rows: 24 });
    await until('the first answer', () => watching.stdout !== '');
    await controller.stop();
    await until('a word about it', () => watching.stderr.includes('trying again'));
    await controller.start();
    await controller.untilAsked(2);
    watching.interrupt();
    const { code, stdout } = await watching.ended;
    expect(code).toBe(0);
    const seen = linesOf(stdout).map((line): unknown => JSON.parse(line));
    expect(seen.length).toBeGreaterThanOrEqual(2);
    for (const status of seen) expect(status).toEqual(STATUS);
  });

  it.concurrent('is a failure when nobody ever answers: exit 3', async () => {
    const controller = await openController();
    await controller.stop();
    await using watching = watch(controller);
    expect(await watching.ended).toMatchObject({ code: 3, stdout: '' });
    expect(watching.stderr).toContain('is it running?');
  });

  it.concurrent('an interrupt ends it while it waits for an answer, too', async () => {
    await using dir = await TempDirectory.make();
    const silent = createServer();
    let asked = 0;
    silent.on('request', () => (asked += 1));
    const socket = join(dir.path, 'control.sock');
    await new Promise<void>((resolve) => {
      silent.listen(socket, resolve);
    });
    const env = { HTTP_PORT: '0', RUNTIME_DIR: dir.path };
    await using watching = new RunningMain(['status', '--watch'], env);
    await until('the question', () => asked > 0);
    watching.interrupt();
    expect(await watching.ended).toMatchObject({ code: 0, stdout: '', stderr: '' });
    silent.closeAllConnections();
    silent.close();
  });
});

describe('status --watch on a terminal', SLOW, () => {
  it.concurrent.each([
    { columns: 80, rows: 24 },
    { columns: 140, rows: 50 },
  ])('draws in place, $columns wide: nothing stays and nothing scrolls away', async (size) => {
    await using controller = await openController();
    controller.status = { ...STATUS, queue: queued(60) };
    await using watching = watch(controller, [], size);
    await controller.untilAsked(1);
    await until('the first frame', () => watching.stdout.includes('more lines'));
    const many = await screenOf(watching.stdout, size);
    expect(many.lines).toHaveLength(size.rows - 1);
    expect(many.lines.at(-1)).toBe(`… ${60 + 4 - (size.rows - 2)} more lines`);
    expect(many.lines[4]).toMatch(/^1000 +14 min +host-at-capacity +7 containers exist +self-hosted/);
    controller.status = { ...STATUS, queue: queued(2) };
    await controller.untilAsked(2);
    await until('the second frame', async () => (await screenOf(watching.stdout, size)).lines.length === 6);
    watching.interrupt();
    const { stdout } = await watching.ended;
    const screen = await screenOf(stdout, size);
    expect(screen.lines.map((line) => line.replace(/ .*/, ''))).toEqual([
      '0',
      'github',
      '',
      'JOB',
      '1000',
      '1001',
    ]);
    expect(screen.wrapped).toEqual([]);
  });

  it.concurrent('says above what it knew last that nobody answers, and no longer when somebody does', async () => {
    const size = { columns: 80, rows: 24 };
    await using controller = await openController();
    controller.status = { ...STATUS, queue: queued(1) };
    await using watching = watch(controller, [], size);
    await until('the first frame', () => watching.stdout.includes('1 job waiting'));
    await controller.stop();
    await until('a word about it', () => watching.stdout.includes('trying again'));
    expect((await screenOf(watching.stdout, size)).lines).toEqual([
      expect.stringMatching(/^no status since \S+Z, \d+ s now; trying again$/),
      expect.stringMatching(/^the controller could not be reached at .*…$/),
      '',
      '0 of 7 containers, 1 job waiting',
      'github ok, never polled',
      '',
      expect.stringMatching(/^JOB /),
      expect.stringMatching(/^1000 /),
    ]);
    await controller.start();
    await until('the next frame', async () => {
      const { lines } = await screenOf(watching.stdout, size);
      return lines[0] === '0 of 7 containers, 1 job waiting';
    });
    watching.interrupt();
    expect(await watching.ended).toMatchObject({ code: 0, stderr: '' });
  });

  it.concurrent('says there what it waits for, too', async () => {
    const size = { columns: 80, rows: 24 };
    await using controller = await openController();
    await using watching = watch(controller, [], size);
    await until('the first frame', () => watching.stdout.includes('0 jobs waiting'));
    controller.wedged = true;
    await until('a word about it', () => watching.stdout.includes('waiting for the controller'));
    watching.interrupt();
    const { code, stdout, stderr } = await watching.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect((await screenOf(stdout, size)).lines).toEqual([
      'waiting for the controller',
      '',
      '0 of 7 containers, 0 jobs waiting',
      'github ok, never polled',
    ]);
  });
});
