import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { COMMANDS } from '../../src/cli/commands.ts';
import { runMain } from '../support/cli.ts';
import { openStage } from '../support/stage.ts';
import { SLOW } from '../support/wait.ts';

const WRONG: readonly (readonly [readonly string[], string])[] = [
  [['frobnicate'], 'no command is named "frobnicate"'],
  [['statsu'], 'no command is named "statsu"; perhaps status'],
  [['help', 'frobnicate'], 'no command is named "frobnicate"'],
  [['cleanup'], 'cleanup takes "runners" or "containers"'],
  [['cleanup', 'everything'], 'cleanup takes "runners" or "containers"'],
  [['run', '--frobnicate'], '--frobnicate'],
  [['run', '--json'], 'run has no --json'],
  [['status', '--now'], 'status has no --now'],
  [['status', 'j1'], 'status takes no j1'],
  [['stop'], 'NAME'],
  [['stop', 'j1', 'j2'], 'stop takes no j2'],
  [['run', '--config'], '--config'],
  [['demo', '--jobs', '3'], '--jobs is "3"'],
  [['demo', '--jobs', 'many'], '--jobs is "many"'],
  [['drain', '--timeout', '5'], '--timeout goes with --wait'],
  [['drain', '--wait', '--timeout', '0'], '--timeout is "0"'],
  [['drain', '--wait', '--timeout', 'soon'], '--timeout is "soon"'],
  [['drain', '--wait', '--timeout', '604801'], '1 to 604800'],
  [['check-config', '--config', '/nowhere/none.json'], 'none.json'],
];

const PAGE = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8');

/** What a made block of the page shows as printed. */
function shownIn(block: string): string | undefined {
  return new RegExp(`<!-- made: ${block} -->\\n\`\`\`text\\n([^]*?)\`\`\`\\n<!-- end: `).exec(PAGE)?.[1];
}

async function printedBy(line: string): Promise<string> {
  const { code, stdout, stderr } = await runMain(line.split(' '));
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

describe('the command line', SLOW, () => {
  it.each(WRONG)('%j: exit 2, and what is wrong with it', async (args, says) => {
    const ended = await runMain(args);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toMatch(/^runner-controller: /);
    expect(ended.stderr).toContain(says);
  });

  it('is the same as a process', async () => {
    await using stage = await openStage();
    const ended = await stage.command(['frobnicate']);
    expect(ended).toMatchObject({ code: 2, signal: null, stdout: '' });
    expect(ended.stderr).toBe((await runMain(['frobnicate'])).stderr);
  });

  it.each(['--help', '-h', 'help'])('%s prints the overview, as it stands in docs/cli.md', async (word) => {
    expect(await printedBy(word)).toEqual(shownIn('commands'));
  });

  it.each(COMMANDS)('$name --help prints its page, as it stands in docs/cli.md', async ({ name }) => {
    expect(await printedBy(`${name} --help`)).toEqual(shownIn(`command ${name}`));
    expect(await printedBy(`help ${name}`)).toEqual(shownIn(`command ${name}`));
  });

  it.each(['help cleanup', 'cleanup --help'])('%s prints the pages of both', async (line) => {
    const [runners, containers] = ['runners', 'containers'].map((it) => shownIn(`command cleanup ${it}`));
    expect(await printedBy(line)).toBe(`${runners}\n${containers}`);
  });

  it.each(['--version', '-V'])('%s is that of package.json', async (flag) => {
    const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
    const { version } = JSON.parse(text) as { version: string };
    expect(await runMain([flag])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });
});
