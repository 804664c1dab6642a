/**
 * The demo: a simulated GitHub on loopback, a whole controller against it, and a table of what happens. It is the one
 * place that may import the simulator besides what every command may, and nothing of the service imports it. Start
 * reading at `demo`; what happens at GitHub is `story.ts`, what is shown of it meanwhile `view.ts`, in the end `ending.ts`.
 */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { App } from '../../app.ts';
import { openApp, openLogFile, openReadOnly } from '../../app.ts';
import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/config.ts';
import type { SimulatorServer } from '../../simulator/server.ts';
import { buildSimulator } from '../../simulator/server.ts';
import type { Io } from '../io.ts';
import { CommandFailure, EXIT } from '../io.ts';
import { Terminal } from '../terminal/terminal.ts';
import { sayingTo } from '../waiting.ts';
import { pathLines, unusedLines } from './ending.ts';
import { jobRows } from './rows.ts';
import { Story } from './story.ts';
import { LiveView } from './view.ts';

const TOKEN = 'demo-token';
const REPO = 'demo/hello';
/** In the demo's directory, and all that stays of it. */
const LOG = 'log.jsonl';
/** A demo that has not finished by then has failed: so long for this many jobs, and this much more for each further one. */
const PATIENCE = 50_000;
const PATIENT_FOR = 14;
const PATIENCE_PER_JOB = 2_000;
/** How long it may take to end what an interrupted demo leaves. */
const END_WITHIN = 30_000;

/** A simulated GitHub on loopback and a whole controller against it; ends with what happened and what is left. */
export async function demo(
  io: Io,
  { engine, jobs, keep }: { readonly engine: string; readonly jobs: number; readonly keep: boolean },
): Promise<number> {
  const dir = await mkdtemp(join(tmpdir(), 'rc-demo-'));
  const logFile = join(dir, LOG);
  const github = buildSimulator({
    repos: [REPO],
    tokens: [{ token: TOKEN, login: 'demo' }],
    switches: { assign: 'theft' },
  });
  try {
    const { url } = await github.listen();
    const config = await demoConfig(io, dir, url, engine);
    const log = await openLogFile(config, logFile);
    io.out(`a simulated GitHub answers at ${url}`);
    io.out(`the controller's log is ${logFile}`);
    return await play(io, { dir, logFile, github, config, jobs, app: await openApp(config, log) });
  } finally {
    await github.close();
    if (keep) io.out(`kept: ${dir}`);
    const isThere = keep ? existsSync(logFile) : await keepsLog(dir);
    if (isThere) io.out(`the controller's log stays: ${logFile}`);
  }
}

/** Removes everything but the log, and says whether there is one. */
async function keepsLog(dir: string): Promise<boolean> {
  const names = await readdir(dir);
  const others = names.filter((name) => name !== LOG);
  await Promise.all(others.map((name) => rm(join(dir, name), { recursive: true, force: true })));
  if (names.includes(LOG)) return true;
  await rmdir(dir);
  return false;
}

interface Stage {
  readonly dir: string;
  readonly logFile: string;
  readonly github: SimulatorServer;
  readonly config: Config;
  readonly jobs: number;
  readonly app: App;
}

async function play(io: Io, { dir, logFile, github, config, jobs, app }: Stage): Promise<number> {
  const stop = new AbortController();
  const patience = PATIENCE + Math.max(0, jobs - PATIENT_FOR) * PATIENCE_PER_JOB;
  const story = new Story(github, jobs);
  const view = new LiveView(io, () => jobRows(github.state().jobs, app.loop.moment()));
  const running = app.run(stop.signal);
  let finished = false;
  try {
    story.begin();
    const limit = AbortSignal.any([io.signal, AbortSignal.timeout(patience)]);
    finished = await view.until(() => story.next(app.loop.moment()), limit);
  } finally {
    stop.abort();
    await running;
    await app[Symbol.asyncDispose]();
  }
  if (io.signal.aborted) {
    await endAll(io, config);
    throw new CommandFailure(EXIT.failed, 'interrupted; every container of the demo was ended');
  }
  const terminal = new Terminal(io);
  const moment = app.loop.moment();
  io.out('');
  for (const line of pathLines(github.state().jobs, moment, terminal)) io.out(line);
  io.out('');
  for (const line of unusedLines(moment, logFile, terminal)) io.out(line);
  const left = await leftBehind(dir, config, github, app);
  const report = github.report();
  const wrong = [
    ...(finished ? [] : [`it did not settle within ${patience / 1000} s`]),
    ...report.ranTwice.map((id) => `job ${id} ran twice`),
    ...report.wrongLabels.map((id) => `job ${id} ran without its labels`),
    ...story.unfinished().map((id) => `job ${id} did not end`),
    ...report.violations.map((it) => `GitHub would have objected: ${JSON.stringify(it)}`),
    ...left.map((what) => `left behind: ${what}`),
  ];
  if (left.length === 0) io.out('left behind: nothing');
  for (const line of wrong) io.err(line);
  return wrong.length === 0 ? EXIT.ok : EXIT.failed;
}

/** Ends every container of an interrupted demo. */
async function endAll(io: Io, config: Config): Promise<void> {
  const program = await openReadOnly(config, 'optional', sayingTo(io));
  const found = await program.containers(AbortSignal.timeout(END_WITHIN));
  if (!found.ok) throw new CommandFailure(EXIT.failed, `the engine cannot be read: ${found.why}`);
  await Promise.all(found.value.map(({ name }) => program.kill(name, AbortSignal.timeout(END_WITHIN))));
}

/** The configuration that anybody would write for this, read like anybody's; settings of an engine come from outside. */
async function demoConfig(io: Io, dir: string, apiUrl: string, engine: string): Promise<Config> {
  const tokenFile = join(dir, 'token');
  await writeFile(tokenFile, `${TOKEN}\n`, { mode: 0o600 });
  await mkdir(join(dir, 'run'), { mode: 0o700 });
  const standIn = fileURLToPath(new URL('../../simulator/runner/stand-in-runner.js', import.meta.url));
  const file = join(dir, 'config.json');
  const settings = {
    scopes: [{ repo: REPO }],
    githubTokenFile: tokenFile,
    githubApiUrl: apiUrl,
    maxConcurrent: 5,
    pollInterval: 1,
    engine,
    ...(engine === 'process' ? { processRunner: `exec ${quote(process.execPath)} ${quote(standIn)}` } : {}),
    runnerNamePrefix: 'demo',
    minFreeDisk: 0,
    stateDir: join(dir, 'state'),
    runtimeDir: join(dir, 'run'),
    httpPort: 0,
    logLevel: 'debug',
    logFormat: 'json',
    classes: [
      { name: 'linux', labels: ['self-hosted', 'linux', 'x64', 'fail-job'], max: 5 },
      { name: 'nix', labels: ['self-hosted', 'nix', 'x64'], max: 3 },
      { name: 'large', labels: ['self-hosted', 'large'], max: 1 },
      { name: 'broken', labels: ['self-hosted', 'fail-boot'], max: 1 },
    ],
  };
  await writeFile(file, JSON.stringify(settings, null, 2));
  const outside = [
    'NSPAWN_ROOTFS',
    'NIXOS_CONTAINER_BIN',
    'CONTAINER_SYSTEM',
    'CONTAINER_TEMPLATE',
    'SUBNETS',
  ];
  const env = Object.fromEntries(outside.map((name) => [name, io.env[name]]));
  return loadConfig(file, env, io.host);
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** Whatever outlived its use: in GitHub's list, on the host, in the ledger. */
async function leftBehind(
  dir: string,
  config: Config,
  github: SimulatorServer,
  app: App,
): Promise<readonly string[]> {
  const names = async (path: string): Promise<readonly string[]> => readdir(path).catch(() => []);
  const { instances, debts } = app.loop.state;
  return [
    ...github.state().runners.map(({ name }) => `registration ${name}`),
    ...instances.map(({ name, phase }) => `promise ${name} (${phase})`),
    ...debts.map(({ runnerName }) => `debt ${runnerName}`),
    ...(await names(join(config.stateDir, 'instances'))).map((name) => `directory ${name}`),
    ...(await names(join(dir, 'run', 'credentials'))).map((name) => `credential ${name}`),
  ];
}
