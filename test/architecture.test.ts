import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const SRC = join(import.meta.dirname, '../src');
const TEST = import.meta.dirname;

interface May {
  /** Folders of `src`, or single files of it, that may be imported. */
  readonly own: readonly string[];
  readonly packages: RegExp;
}

const NONE = /^$/;

/**
 * A command has the program's doors, the configuration, deadlines, and the schemas of the answers that it reads; and of the
 * core how a text is cleaned and a length of time is written, which is done where they meet the terminal, and the kinds of
 * engine.
 */
const CLI = ['cli', 'abort.ts', 'app.ts', 'config', 'core/ports.ts', 'core/text.ts', 'http/schema.ts'];

/** The composition root: everything but the command line and the simulator. */
const APP = [
  'app',
  'clock.ts',
  'closing.ts',
  'config',
  'core',
  'engine',
  'github',
  'http',
  'loop',
  'operator',
  'store',
  'telemetry',
];

/** What every part of an engine may use: the files beside the folders of `engine`, but not the one that picks an engine. */
const ENGINE = [
  'engine/change-watch.ts',
  'engine/command.ts',
  'engine/directory.ts',
  'engine/doctor-finding.ts',
  'engine/failure.ts',
  'engine/free-bytes.ts',
  'engine/lifecycle.ts',
  'engine/names-in-use.ts',
  'engine/signals.ts',
  'engine/small-file.ts',
  'engine/stored-instant.ts',
  'abort.ts',
  'core',
  'telemetry',
];

/** Containers of systemd-nspawn stand on systemd and the network; the two kinds of them do not know each other. */
const MACHINE = ['engine/machine', 'engine/systemd', 'engine/network', ...ENGINE];

/** Who may import whom. The longest row that fits a file counts; a file that none fits fails. */
const MAY: Readonly<Record<string, May>> = {
  core: { own: ['core'], packages: NONE },
  config: { own: ['config', 'core'], packages: /^(@humanwhocodes\/momoa|node:fs|node:path)$/ },
  'config/kinds': { own: ['config/kinds', 'config/problem.ts', 'core/text.ts'], packages: /^node:path$/ },
  store: {
    own: ['store', 'core'],
    packages: /^(zod|node:fs|node:fs\/promises|node:path|node:net|node:crypto)$/,
  },
  engine: { own: ['engine', ...ENGINE], packages: /^(execa|zod|node:.+)$/ },
  'engine/systemd': { own: ['engine/systemd', ...ENGINE], packages: /^node:.+$/ },
  'engine/network': { own: ['engine/network', ...ENGINE], packages: /^node:.+$/ },
  'engine/machine': { own: MACHINE, packages: /^(zod|node:.+)$/ },
  'engine/nspawn': { own: ['engine/nspawn', ...MACHINE], packages: /^node:.+$/ },
  'engine/nixos-container': { own: ['engine/nixos-container', ...MACHINE], packages: /^(zod|node:.+)$/ },
  'engine/process': { own: ['engine/process', ...ENGINE], packages: /^(zod|node:.+)$/ },
  github: {
    own: ['github', 'abort.ts', 'core', 'telemetry'],
    packages: /^(@octokit\/.+|bottleneck|zod|node:.+)$/,
  },
  telemetry: { own: ['telemetry', 'core'], packages: /^(pino|pino-pretty|prom-client)$/ },
  loop: { own: ['loop', 'abort.ts', 'core', 'telemetry'], packages: /^p-queue$/ },
  http: { own: ['http', 'core', 'telemetry'], packages: /^(fastify|zod|node:.+)$/ },
  simulator: { own: ['simulator', 'core'], packages: /^(fastify|zod|node:.+)$/ },
  'abort.ts': { own: ['core'], packages: /^node:events$/ },
  'clock.ts': { own: ['core'], packages: /^node:(fs|timers\/promises)$/ },
  'closing.ts': { own: ['core'], packages: NONE },
  operator: { own: ['operator', 'core', 'loop/observe.ts', 'loop/poller.ts'], packages: NONE },
  app: { own: APP, packages: /^node:.+$/ },
  cli: { own: CLI, packages: /^node:.+$/ },
  'cli/demo': { own: [...CLI, 'simulator'], packages: /^node:.+$/ },
  'cli/terminal': { own: ['cli/terminal', 'cli/io.ts'], packages: /^(string-width|node:util)$/ },
  'main.ts': { own: ['cli'], packages: NONE },
};

/** What the core must get as an argument, and what no file may do at all. */
const NEVER: readonly { readonly where: RegExp; readonly what: RegExp; readonly told: string }[] = [
  { where: /^/, what: /^export default\b/m, told: 'has a default export' },
  { where: /^core\//, what: /\bDate\.now\b/, told: 'asks the clock' },
  { where: /^core\//, what: /\bnew Date\(\)/, told: 'asks the clock' },
  { where: /^core\//, what: /\bMath\.random\b/, told: 'draws by itself' },
  { where: /^core\//, what: /\brandomUUID\b/, told: 'draws by itself' },
];

/** Whether a row, or an entry of one, speaks of this path below `src`. */
function speaksOf(entry: string, path: string): boolean {
  return (
    path === entry ||
    path.startsWith(`${entry}/`) ||
    path.startsWith(`${entry}.`) ||
    path.startsWith(`${entry}-`)
  );
}

function rowOf(path: string): May | undefined {
  const [row] = Object.keys(MAY)
    .filter((entry) => speaksOf(entry, path))
    .sort((a, b) => b.length - a.length);
  return row === undefined ? undefined : MAY[row];
}

/** What is wrong with a file, in words; `path` is below `src`. */
function faults(path: string, text: string): readonly string[] {
  const may = rowOf(path);
  if (may === undefined) return [`${path} is in no row of the table`];
  const told = NEVER.filter(({ where, what }) => where.test(path) && what.test(text)).map(
    (it) => `${path} ${it.told}`,
  );
  for (const [, target = ''] of text.matchAll(
    /(?:\bfrom\s+|\bimport\s+|\bimport\s*\(\s*)['"]([^'"\n]+)['"]/g,
  )) {
    if (target.startsWith('.')) {
      const meant = join(path, '..', target);
      if (!may.own.some((entry) => speaksOf(entry, meant))) told.push(`${path} may not import ${meant}`);
    } else if (!may.packages.test(target)) told.push(`${path} may not import ${target}`);
  }
  return told;
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));

describe('who may import whom', () => {
  it('has files to look at', () => {
    expect(files).toContain('core/plan/plan.ts');
  });

  it.each(files)('%s', (path) => {
    expect(faults(path, readFileSync(join(SRC, path), 'utf8'))).toEqual([]);
  });
});

describe('the check itself', () => {
  it.each([
    {
      path: 'core/plan/plan.ts',
      text: "import { readFileSync } from 'node:fs';",
      told: 'may not import node:fs',
    },
    { path: 'core/plan/plan.ts', text: "import type { X } from 'zod';", told: 'may not import zod' },
    {
      path: 'core/plan/plan.ts',
      text: 'import { x } from "../../store/ledger.ts";',
      told: 'may not import store/ledger.ts',
    },
    { path: 'core/plan/plan.ts', text: "import '../../loop/loop.ts';", told: 'may not import loop/loop.ts' },
    {
      path: 'core/plan/plan.ts',
      text: "export { x } from '../../config/config.ts';",
      told: 'may not import config/config.ts',
    },
    {
      path: 'core/plan/plan.ts',
      text: "const x = await import('../../app.ts');",
      told: 'may not import app.ts',
    },
    {
      path: 'core/plan/plan.ts',
      text: "import {\n  x,\n} from 'node:crypto';",
      told: 'may not import node:crypto',
    },
    { path: 'core/plan/plan.ts', text: 'const now = Date.now();', told: 'asks the clock' },
    { path: 'core/plan/plan.ts', text: 'const now = new Date();', told: 'asks the clock' },
    { path: 'core/plan/plan.ts', text: 'const x = Math.random();', told: 'draws by itself' },
    { path: 'core/plan/plan.ts', text: 'const id = randomUUID();', told: 'draws by itself' },
    { path: 'cli/commands/run.ts', text: 'export default run;', told: 'has a default export' },
    {
      path: 'cli/run.ts',
      text: "import { x } from '../simulator/world/world.ts';",
      told: 'may not import simulator/world/world.ts',
    },
    ...[
      'app/read-only.ts',
      'clock.ts',
      'core/errors.ts',
      'core/plan/plan.ts',
      'engine/index.ts',
      'github/doctor.ts',
      'http/control.ts',
      'http/server.ts',
      'loop/observe.ts',
      'operator/plan-once.ts',
      'store/ledger.ts',
      'telemetry/logger.ts',
    ].map((target) => ({
      path: 'cli/run.ts',
      text: `const { x } = await import('../${target}');`,
      told: `may not import ${target}`,
    })),
    {
      path: 'cli/demo/demo.ts',
      text: "import { x } from '../../telemetry/logger.ts';",
      told: 'may not import telemetry/logger.ts',
    },
    { path: 'cli/demo/demo.ts', text: "import { pino } from 'pino';", told: 'may not import pino' },
    {
      path: 'operator/plan-once.ts',
      text: "import { x } from '../loop/loop.ts';",
      told: 'may not import loop/loop.ts',
    },
    {
      path: 'operator/plan-once.ts',
      text: "import { x } from '../store/ledger.ts';",
      told: 'may not import store/ledger.ts',
    },
    {
      path: 'app/read-only.ts',
      text: "import { x } from '../simulator/world/world.ts';",
      told: 'may not import simulator/world/world.ts',
    },
    {
      path: 'app/read-only.ts',
      text: "import { x } from '../cli/io.ts';",
      told: 'may not import cli/io.ts',
    },
    {
      path: 'store/ledger.ts',
      text: "import { x } from '../telemetry/logger.ts';",
      told: 'may not import telemetry/logger.ts',
    },
    {
      path: 'loop/loop.ts',
      text: "import { x } from '../github/client.ts';",
      told: 'may not import github/client.ts',
    },
    {
      path: 'app.ts',
      text: "import { x } from './simulator/world/world.ts';",
      told: 'may not import simulator/world/world.ts',
    },
    {
      path: 'engine/systemd/start.ts',
      text: "import { x } from '../machine/exit-record.ts';",
      told: 'may not import engine/machine/exit-record.ts',
    },
    {
      path: 'engine/machine/engine.ts',
      text: "import { x } from '../nspawn/nspawn.ts';",
      told: 'may not import engine/nspawn/nspawn.ts',
    },
    { path: 'main.ts', text: "import { x } from './app.ts';", told: 'may not import app.ts' },
    { path: 'novelty/x.ts', text: '', told: 'is in no row of the table' },
    { path: 'other.ts', text: '', told: 'is in no row of the table' },
    { path: 'corelike/x.ts', text: '', told: 'is in no row of the table' },
  ])('$path: $told', ({ path, text, told }) => {
    expect(faults(path, text)).toEqual([`${path} ${told}`]);
  });

  it.each([
    { path: 'cli/demo/demo.ts', text: "import { x } from '../../simulator/world/world.ts';" },
    { path: 'cli/demo/table.ts', text: "import { x } from '../../simulator/world/world.ts';" },
    {
      path: 'cli/commands/status.ts',
      text: "import { x } from '../../http/schema.ts';\nimport { parseArgs } from 'node:util';",
    },
    { path: 'cli/commands/plan.ts', text: "import { x } from '../../app.ts';" },
    { path: 'app.ts', text: "const { x } = await import('./app/read-only.ts');" },
    { path: 'operator/plan-once.ts', text: "import { x } from '../loop/observe.ts';" },
    { path: 'main.ts', text: "import { x } from './cli/index.ts';" },
    { path: 'core/view.ts', text: 'return new Date(at).toISOString();' },
  ])('$path may', ({ path, text }) => {
    expect(faults(path, text)).toEqual([]);
  });
});

/** The file of each folder that is read first. Its module comment says what lives there and where to go on. */
const ENTRIES: Readonly<Record<string, string>> = {
  app: 'controller.ts',
  core: 'model.ts',
  'core/apply': 'apply.ts',
  'core/known': 'known.ts',
  'core/plan': 'plan.ts',
  'core/time': 'instant.ts',
  cli: 'index.ts',
  'cli/commands': 'run.ts',
  'cli/demo': 'demo.ts',
  'cli/terminal': 'terminal.ts',
  config: 'config.ts',
  'config/kinds': 'kind.ts',
  'config/rows': 'rows.ts',
  engine: 'index.ts',
  'engine/machine': 'engine.ts',
  'engine/network': 'host-network.ts',
  'engine/nixos-container': 'nixos-container.ts',
  'engine/nspawn': 'nspawn.ts',
  'engine/process': 'process.ts',
  'engine/systemd': 'units.ts',
  github: 'client.ts',
  'github/rest': 'requester.ts',
  'github/rest/governor': 'governor.ts',
  http: 'server.ts',
  loop: 'loop.ts',
  operator: 'sources.ts',
  simulator: 'server.ts',
  'simulator/control': 'api.ts',
  'simulator/rest': 'request-pipeline.ts',
  'simulator/runner': 'sessions.ts',
  'simulator/world': 'world.ts',
  store: 'ledger.ts',
  telemetry: 'logger.ts',
};

/** The comment that a file begins with, before its imports; empty if there is none. */
function moduleComment(text: string): string {
  const [, comment = ''] = /^\/\*\*(.*?)\*\//su.exec(text) ?? [];
  return comment.replaceAll(/\s*\n\s*\*\s*/gu, ' ').trim();
}

describe('the module comment of a folder', () => {
  it('is asked of every folder', () => {
    const folders = new Set(filesBelow(SRC).map((file) => dirname(file)));
    folders.delete('.');
    expect([...folders].sort()).toEqual(Object.keys(ENTRIES).sort());
  });

  it.each(Object.entries(ENTRIES))('%s begins with one, in %s', (folder, file) => {
    const comment = moduleComment(readFileSync(join(SRC, folder, file), 'utf8'));
    expect(comment.match(/\.(?=\s|$)/gu)?.length ?? 0).toBeGreaterThanOrEqual(2);
    expect(comment).toMatch(/\.$/u);
  });
});

const MOST_FILES = 16;

/** The files below a folder, as paths from it. */
function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

/** Folders of texts and of a machine's own files, which are not read as code. */
const UNCOUNTED = /^(golden|host\/machine)(\/|$)/u;

describe('the size of a folder', () => {
  it.each([SRC, TEST])('is sixteen files at most, below %s', (root) => {
    const sizes = new Map<string, number>();
    for (const file of filesBelow(root)) sizes.set(dirname(file), (sizes.get(dirname(file)) ?? 0) + 1);
    const large = [...sizes].filter(([folder, size]) => size > MOST_FILES && !UNCOUNTED.test(folder));
    expect(large).toEqual([]);
  });
});

/** Tests that stand elsewhere than at a source's path, and why. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'architecture.test.ts': 'is about the whole source',
  'config/nixos.test.ts': 'holds the options of the NixOS module to the settings',
  'cli/loads.test.ts': 'looks at which files a command loads',
  'cli/pipe.test.ts': 'runs the program into a closed pipe',
  'cli/terminal.test.ts': 'runs commands at a terminal',
  'cli/unreachable.test.ts': 'runs commands that reach nobody',
  'core/describe-change.test.ts': 'is about a helper of these tests',
  contract: 'one suite for every implementation of a port',
  docs: 'is about pages, not about src/',
  e2e: 'a whole controller beside a simulated GitHub',
  'engine/process/command.test.ts': 'runs commands as the process engine does',
  'engine/process/restart.test.ts': 'ends the program that made the processes',
  'github/secrecy.test.ts': 'holds the whole client to its secrets',
  golden: 'texts for people, compared whole',
  host: 'needs a booted machine',
  mutants: 'breaks the source on purpose',
  nix: 'is about files in nix/, not in src/',
  sim: 'random histories of core and loop together',
  'simulator/rest/openapi.test.ts': "holds all routes to GitHub's description",
  'store/crash.test.ts': 'cuts every kind of write short',
  virtual: 'hours of a whole controller, in a time of their own',
};

/** Whether the test stands at the path of its source; a suffix after `-` or `.` says which part of it is meant. */
function hasSource(test: string): boolean {
  const parts = test.slice(0, -'.test.ts'.length).split(/(?=[-.])/u);
  return parts.some((_, at) => existsSync(join(SRC, `${parts.slice(0, at + 1).join('')}.ts`)));
}

describe('the place of a test', () => {
  const tests = filesBelow(TEST).filter((file) => file.endsWith('.test.ts'));

  it.each(tests)('%s', (file) => {
    const named = Object.keys(ELSEWHERE).some((entry) => file === entry || file.startsWith(`${entry}/`));
    expect(named || hasSource(file)).toBe(true);
  });

  it.each(Object.keys(ELSEWHERE))('%s is there', (entry) => {
    expect(existsSync(join(TEST, entry))).toBe(true);
  });
});
