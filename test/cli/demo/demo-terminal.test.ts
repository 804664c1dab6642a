import { describe, expect, it } from 'vitest';

import { BUILT, Program } from '../../support/program.ts';
import { openStage } from '../../support/stage.ts';
import { SLOW } from '../../support/wait.ts';
import { frames, Screen } from '../terminal/screen.ts';

const LIVE_HEAD = /^JOB +LABELS +NAME +STATE$/;
const LIVE_ROW =
  /^412\d{8} +(linux|nix|large|gpu|fail-boot|fail-job) +\S.*  (queued$|running in j\d+[a-z]?$|[a-z-]+: \S)/;
const HIDDEN = /^… \d+ more jobs, \d+ of them over$/;
const PLACE = String.raw`j\d{7}[a-z]?( \*)?`;

/** What a demo wrote to a terminal of that size. */
async function written(columns: number, rows: number): Promise<string> {
  await using stage = await openStage();
  const command = `stty cols ${columns} rows ${rows}; exec '${process.execPath}' '${BUILT}' demo`;
  const env = { ...stage.env, TERM: 'xterm-256color', SHELL: '/bin/sh' };
  await using program = new Program(['script', '-qec', command, '/dev/null'], env, 'written-later');
  const { code, stdout } = await program.ended;
  expect(code).toBe(0);
  return stdout;
}

/** A line of the last table: name, container, as many times as the width has columns for, end. */
function pathRow(name: string, place: string, times: number, end: string): RegExp {
  return new RegExp(`^412\\d{8} +${name} +${place}( +(-|-?\\d+\\.\\d\\d)){${times}} +${end}$`);
}

describe('the demo on a terminal', SLOW, () => {
  it.concurrent.each([
    { columns: 80, rows: 24, times: 2 },
    { columns: 140, rows: 50, times: 7 },
    { columns: 80, rows: 12, times: 2 },
  ])('$columns columns, $rows rows', async ({ columns, rows, times }) => {
    const screen = new Screen(columns, rows);
    const states = new Set<string>();
    // After each frame: one live table, whole, in the place of the last one, and no line longer than the terminal is wide.
    for (const frame of frames(await written(columns, rows))) {
      await screen.show(frame);
      const { lines } = screen;
      const heads = lines.filter((line) => LIVE_HEAD.test(line));
      const from = lines.findIndex((line) => LIVE_HEAD.test(line));
      const table = from < 0 ? [] : lines.slice(from + 1);
      expect(heads.length).toBeLessThanOrEqual(1);
      expect(table.filter((line) => !LIVE_ROW.test(line) && !HIDDEN.test(line))).toEqual([]);
      expect(table.length).toBeLessThanOrEqual(rows - 2);
      expect(screen.wrapped).toEqual([]);
      for (const line of table)
        for (const [, state = ''] of line.matchAll(/  ([a-z-]+):/g)) states.add(state);
    }
    // It was seen live that one job cannot start, and that another failed.
    expect([...states]).toEqual(expect.arrayContaining(['starting', 'backing-off', 'completed']));

    // In the end: no live table, not even scrolled away, but every job's path and what is left.
    const { lines } = screen;
    expect(lines.filter((line) => LIVE_HEAD.test(line))).toEqual([]);
    const from = lines.indexOf('Seconds after each job was queued:');
    const table = lines.slice(from + 2, from + 16);
    const expected = [
      ...Array.from({ length: 7 }, (_, at) => pathRow(`matrix \\(${at + 1}\\)`, PLACE, times, 'success')),
      pathRow('large', PLACE, times, 'success'),
      pathRow('cancelled while (queued|\\S*…)', '-', times, 'cancelled'),
      pathRow('nobody offers this', '-', times, 'no class offers: gpu'),
      pathRow('fails to boot', '-', times, 'cancelled'),
      pathRow('fails', PLACE, times, 'failure'),
      pathRow('run again', PLACE, times, 'success'),
      pathRow('run again', PLACE, times, 'success'),
    ];
    expect(table).toHaveLength(expected.length);
    table.forEach((line, at) => expect(line).toMatch(expected[at] as RegExp));
    const rest = lines.slice(from + 16);
    expect(rest).toContainEqual(
      expect.stringMatching(/^j\d{7} failed to start: died-starting, exit status 1: /),
    );
    expect(rest.at(-2)).toBe('left behind: nothing');
    expect(rest.at(-1)).toMatch(/^the controller's log stays: \/.*\/log\.jsonl$/);
  });
});
