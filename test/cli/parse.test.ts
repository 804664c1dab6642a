import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { COMMANDS } from '../../src/cli/commands.ts';
import { CommandFailure } from '../../src/cli/io.ts';
import type { Asked } from '../../src/cli/parse.ts';
import { parseLine } from '../../src/cli/parse.ts';
import { runMain } from '../support/cli.ts';

/** What a line asks for, in words; or the first line of what is wrong with it. */
function understood(line: string): string {
  const argv = line === '' ? [] : line.split(' ');
  try {
    const asked = parseLine(argv, COMMANDS);
    if (asked.asks === 'version') return 'version';
    if (asked.asks === 'help') return `help: ${asked.commands.map(({ name }) => name).join(', ')}`;
    const flags = Object.entries(asked.flags).filter(([, value]) => value !== undefined && value !== false);
    const given = flags.map(([name, value]) => `${name}=${String(value)}`);
    return [`${asked.command.name}:`, ...asked.operands, ...given].join(' ');
  } catch (error) {
    if (error instanceof CommandFailure) return error.message.slice(0, error.message.lastIndexOf('\ntry: '));
    throw error;
  }
}

const ROWS: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  'a command': [
    ['', 'run:'],
    ['run', 'run:'],
    ['--config x.json', 'run: config=x.json'],
    ['--json status --watch', 'status: json=true watch=true'],
    ['status --json --json', 'status: json=true'],
    ['stop j1 --now', 'stop: j1 now=true'],
    ['--now stop j1', 'stop: j1 now=true'],
    ['cleanup runners --dry-run', 'cleanup runners: dry-run=true'],
    ['cleanup --yes containers', 'cleanup containers: yes=true'],
    ['plan --config=a=b', 'plan: config=a=b'],
    ['plan --config=-x', 'plan: config=-x'],
    ['plan --config -', 'plan: config=-'],
    ['drain --wait --timeout 604800', 'drain: wait=true timeout=604800'],
    ['demo', 'demo: engine=process jobs=14'],
    ['demo --engine nspawn --jobs 12', 'demo: engine=nspawn jobs=12'],
  ],
  'for help, whatever else is wrong': [
    ['help', 'help: '],
    ['-h', 'help: '],
    ['--help', 'help: '],
    ['help help', 'help: '],
    ['help status', 'help: status'],
    ['status -h', 'help: status'],
    ['-h status', 'help: status'],
    ['help cleanup', 'help: cleanup runners, cleanup containers'],
    ['cleanup --help', 'help: cleanup runners, cleanup containers'],
    ['help cleanup runners', 'help: cleanup runners'],
    ['cleanup containers --help', 'help: cleanup containers'],
    ['status j1 --frobnicate --json=yes --help', 'help: status'],
    ['stop --help', 'help: stop'],
    ['run --config --help', 'help: run'],
    ['drain --timeout 0 -h', 'help: drain'],
    ['help status --frobnicate', 'help: status'],
    ['status --help --', 'help: status'],
  ],
  'for the version': [
    ['-V', 'version'],
    ['--version', 'version'],
    ['status --frobnicate -V', 'version'],
  ],
  'for no command that there is': [
    ['frobnicate', 'no command is named "frobnicate"'],
    ['statsu', 'no command is named "statsu"; perhaps status'],
    ['help statsu', 'no command is named "statsu"; perhaps status'],
    ['statsu --help', 'no command is named "statsu"; perhaps status'],
    ['paln', 'no command is named "paln"; perhaps plan'],
    ['helpp', 'no command is named "helpp"; perhaps help'],
    ['clenaup runners', 'no command is named "clenaup"; perhaps cleanup'],
    ['cleanup-runners', 'no command is named "cleanup-runners"; perhaps cleanup runners'],
    ['cleanup', 'cleanup takes "runners" or "containers"'],
    ['cleanup runnres', 'cleanup takes "runners" or "containers"; perhaps cleanup runners'],
    ['help cleanup everything', 'cleanup takes "runners" or "containers"'],
    ['-- --help', 'no command is named "--help"; perhaps help'],
  ],
  'with a flag that is none': [
    ['run --frobnicate', 'run has no --frobnicate'],
    ['status --wach', 'status has no --wach; perhaps --watch'],
    ['status --wacth', 'status has no --wacth; perhaps --watch'],
    ['status -watch', 'status has no -watch; perhaps --watch'],
    ['cleanup runners --dryrun', 'cleanup runners has no --dryrun; perhaps --dry-run'],
    ['--vesrion', 'run has no --vesrion; perhaps --version'],
    ['run --json', 'run has no --json'],
    ['run -x', 'run has no -x'],
    ['status --no-json', 'status has no --no-json; perhaps --json'],
    ['run --constructor', 'run has no --constructor'],
    ['run --__proto__=1', 'run has no --__proto__'],
    ['run --token=ghp_0123456789', 'run has no --token'],
    ['run --ghp_0123456789', 'run has no [redacted]'],
    ['status --', '-- has no use here: no operand begins with -'],
    ['stop -- j1', '-- has no use here: no operand begins with -'],
  ],
  'with a value that is none': [
    ['run --config', '--config needs a value: --config FILE'],
    ['run --config=', '--config needs a value: --config FILE'],
    [
      'plan --config --json',
      '--config needs a value: --config FILE; one that begins with - is written --config=FILE',
    ],
    ['plan --config a --config a', '--config is given twice'],
    ['status --json=yes', '--json takes no value'],
    ['status --json=', '--json takes no value'],
    ['drain --timeout 5', '--timeout goes with --wait'],
    ['drain --wait --timeout 0', '--timeout is "0"; expected whole seconds, 1 to 604800'],
    ['drain --wait --timeout=-5', '--timeout is "-5"; expected whole seconds, 1 to 604800'],
    ['drain --wait --timeout 1e3', '--timeout is "1e3"; expected whole seconds, 1 to 604800'],
    ['demo --jobs 201', '--jobs is "201"; expected a whole number, 12 to 200'],
    ['--confg /tmp/x status', 'no command has --confg; perhaps --config'],
    ['run --jsn --now', 'run has no --jsn\nrun has no --now'],
    [
      'demo --jobs 5 --engine docker',
      '--engine is "docker"; expected one of nixos-container, nspawn, process\n' +
        '--jobs is "5"; expected a whole number, 12 to 200',
    ],
    ['demo --engine docker', '--engine is "docker"; expected one of nixos-container, nspawn, process'],
  ],
  'with too many words or too few': [
    ['status j1', 'status takes no j1'],
    ['status help', 'status takes no help'],
    ['stop', 'stop needs the NAME of a container; runner-controller status lists them'],
    ['stop j1 j2', 'stop takes no j2'],
    ['status \u001B[31m', String.raw`status takes no "\u001b[31m"`],
  ],
};

describe.each(Object.entries(ROWS))('a line asks %s', (_, rows) => {
  it.each(rows)('%j: %s', (line, says) => {
    expect(understood(line)).toBe(says);
  });
});

describe('what is wrong with a line', () => {
  it.each([
    ['frobnicate', '\ntry: runner-controller --help'],
    ['cleanup everything', '\ntry: runner-controller cleanup --help'],
    ['cleanup runners --yes', '\ntry: runner-controller cleanup runners --help'],
    ['drain --wait --timeout 0', '\ntry: runner-controller drain --help'],
  ])('%j ends with the page to read, which is one', async (line, says) => {
    expect(() => parseLine(line.split(' '), COMMANDS)).toThrow(says);
    const page = says.trim().split(' ').slice(2);
    expect((await runMain(page)).code).toBe(0);
  });
});

const NAMES = new Set(
  COMMANDS.flatMap(({ name, flags }) => [
    ...name.split(' '),
    ...Object.keys(flags).map((flag) => `--${flag}`),
  ]),
);
const JUNK =
  'help -h --help -V --version -- - -x -json -hV --no-json --- --= j1 12 0 -5 x.json statsu --wach --json=yes --config= ' +
  '--timeout=9 --__proto__ --constructor=1 constructor __proto__ \u001B[31m \u0000 é';
const WORD = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom('', ...NAMES, ...JUNK.split(' ')) },
  fc.string({ unit: 'binary' }),
);

const MISTAKE =
  /^runner-controller: [^\n]+\n(?:(?!try: )[^\n]+\n)*try: runner-controller( [a-z][a-z -]*)? --help\n$/;
const OTHERS_WORDS =
  /parseArgs|ERR_|TypeError|Unknown option|Unexpected argument|ambiguous|undefined|(?!\n)\p{Cc}/u;

function asked(argv: readonly string[]): Asked | CommandFailure {
  try {
    return parseLine(argv, COMMANDS);
  } catch (error) {
    if (error instanceof CommandFailure) return error;
    throw error;
  }
}

/** Whether the line ends as one may. A command is not run for it; whatever else a line asks for is done. */
async function isInOrder(argv: readonly string[]): Promise<boolean> {
  const answer = asked(argv);
  if (answer instanceof CommandFailure) {
    const { code, stdout, stderr } = await runMain(argv);
    return code === 2 && stdout === '' && MISTAKE.test(stderr) && !OTHERS_WORDS.test(stderr);
  }
  if (answer.asks === 'command') {
    const { command, flags, operands } = answer;
    return (
      Object.keys(flags).join() === Object.keys(command.flags).join() &&
      operands.length <= command.operands.length
    );
  }
  const { code, stdout, stderr } = await runMain(argv);
  return code === 0 && stderr === '' && /^(Usage: runner-controller |\d+\.\d+\.\d+)/.test(stdout);
}

describe('any line', () => {
  it('is a command, a page, or a mistake in our own words', async () => {
    const met = { command: 0, help: 0, version: 0, mistake: 0 };
    await fc.assert(
      fc.asyncProperty(fc.array(WORD, { maxLength: 5 }), async (argv) => {
        const answer = asked(argv);
        met[answer instanceof CommandFailure ? 'mistake' : answer.asks] += 1;
        expect(await isInOrder(argv)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
    // The generator must reach all four, or the property says nothing.
    expect(Math.min(...Object.values(met))).toBeGreaterThan(20);
  });
});
