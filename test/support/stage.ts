import { chmod, mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

import type { Config } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/config.ts';
import type { SimulatorOptions } from '../../src/simulator/options.ts';
import type { SimulatorServer } from '../../src/simulator/server.ts';
import { buildSimulator } from '../../src/simulator/server.ts';
import { instanceProcesses, killAll } from './processes.ts';
import type { Ended, Input, Program } from './program.ts';
import { nodeProgram, STAND_IN, programPath, withoutWaiting } from './program.ts';
import { TempDirectory } from './tmp.ts';
import { until } from './wait.ts';

/** Looks like a real one, so that a filter for GitHub's prefixes alone would not hide a leak of another shape. */
export const TOKEN = 'ghp_stageToken0123456789abcdefghijklmnop';

export type Environment = Readonly<Record<string, string>>;

export interface StageOptions extends SimulatorOptions {
  /** Settings over the usual ones. */
  readonly env?: Environment;
  /** The program that its commands start. */
  readonly main?: string;
  /** Variables that make the stand-in runner misbehave, without their prefix. */
  readonly runner?: Environment;
}

/** A simulated GitHub, a directory and an environment: all that a controller needs, and nothing of it shared. */
export class Stage implements AsyncDisposable {
  readonly github: SimulatorServer;
  readonly env: Environment;
  readonly #dir: TempDirectory;
  readonly #main: string;

  constructor(dir: TempDirectory, github: SimulatorServer, env: Environment, main: string) {
    this.#dir = dir;
    this.#main = main;
    this.github = github;
    this.env = env;
  }

  get dir(): string {
    return this.#dir.path;
  }

  get stateDir(): string {
    return join(this.dir, 'state');
  }

  get runtimeDir(): string {
    return join(this.dir, 'run');
  }

  get tokenFile(): string {
    return join(this.dir, 'token');
  }

  get socket(): string {
    return join(this.runtimeDir, 'control.sock');
  }

  /** The configuration that a controller with this environment would have. */
  config(more: Environment = {}): Config {
    const host = {
      hostname: hostname(),
      arch: process.arch,
      uid: process.getuid?.() ?? 0,
      stdoutIsTTY: false,
    };
    return loadConfig(undefined, { ...this.env, ...more }, host);
  }

  /** Begins a command; the caller disposes of it. */
  spawn(args: readonly string[], more: Environment = {}, input?: Input): Program {
    return nodeProgram([this.#main, ...args], { ...this.env, ...more }, input);
  }

  /** Runs a command to its end. What it said of waiting is left out. */
  async command(args: readonly string[], more: Environment = {}, input?: Input): Promise<Ended> {
    await using program = this.spawn(args, more, input);
    return withoutWaiting(await program.ended);
  }

  async writeFile(name: string, text: string, mode = 0o600): Promise<string> {
    const path = join(this.dir, name);
    await writeFile(path, text, { mode });
    await chmod(path, mode);
    return path;
  }

  /** Puts a file where a directory is, so that it cannot be read: permissions do not stop root. */
  async hide(name: string): Promise<void> {
    const path = join(this.dir, name);
    await rename(path, `${path}.hidden`);
    await writeFile(path, '');
  }

  /** Everything that outlived its use: on the host, and in GitHub's list. */
  async remains(): Promise<readonly string[]> {
    const names = (path: string): Promise<string[]> => readdir(path).catch(() => []);
    return [
      ...(await names(join(this.stateDir, 'instances'))).map((name) => `directory ${name}`),
      ...(await names(join(this.runtimeDir, 'credentials'))).map((name) => `credential ${name}`),
      ...this.github.state().runners.map(({ name }) => `registration ${name}`),
      ...instanceProcesses(this.stateDir).map(({ pid, cmdline }) => `process ${pid} ${cmdline}`),
    ];
  }

  /** Waits until nothing is left behind. */
  async untilNothingIsLeft(patience?: number): Promise<void> {
    await until(
      'nothing to be left behind',
      async () => {
        const left = await this.remains();
        if (left.length > 0) throw new Error(left.join('; '));
        return true;
      },
      patience,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.github.close();
    await killAll(() => instanceProcesses(this.stateDir));
    await this.#dir[Symbol.asyncDispose]();
  }
}

/** The `PROCESS_RUNNER` that is the stand-in runner, with variables that make it misbehave. */
export function runnerCommand(odd: Environment = {}): string {
  const variables = Object.entries(odd).map(([name, value]) => `RUNNER_STAND_IN_${name}=${value} `);
  return `${variables.join('')}exec '${process.execPath}' '${STAND_IN}'`;
}

/** Sets everything up; nothing runs yet but the simulated GitHub. */
export async function openStage(options: StageOptions = {}): Promise<Stage> {
  const { env = {}, runner = {}, main = programPath('main.ts'), ...github } = options;
  const dir = await TempDirectory.make();
  const server = buildSimulator({
    tokens: [{ token: TOKEN, login: 'octo' }],
    ...github,
    switches: { removalLagMs: 200, ...github.switches },
  });
  const { url } = await server.listen();
  await mkdir(join(dir.path, 'run'), { mode: 0o700 });
  await writeFile(join(dir.path, 'token'), `${TOKEN}\n`, { mode: 0o600 });
  const usual = {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    GITHUB_REPO: 'o/r',
    GITHUB_TOKEN_FILE: join(dir.path, 'token'),
    GITHUB_API_URL: url,
    ENGINE: 'process',
    PROCESS_RUNNER: runnerCommand(runner),
    RUNNER_LABELS: 'self-hosted,nix',
    RUNNER_NAME_PREFIX: 'test',
    POLL_INTERVAL: '1',
    MIN_FREE_DISK: '0',
    STATE_DIR: join(dir.path, 'state'),
    RUNTIME_DIR: join(dir.path, 'run'),
    HTTP_PORT: '0',
    LOG_LEVEL: 'debug',
    ...env,
  };
  return new Stage(dir, server, usual, main);
}
