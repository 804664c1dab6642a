import { mkdir, writeFile } from 'node:fs/promises';
import { beforeEach, expect, it } from 'vitest';

import { wallInstant } from '../../../src/core/time/instant.ts';
import {
  markText,
  promiseBoot,
  readBoot,
  readMarkFile,
  recordReady,
} from '../../../src/engine/machine/mark.ts';
import type { MachinePaths } from '../../../src/engine/machine/paths.ts';
import { machinePaths } from '../../../src/engine/machine/paths.ts';
import { makeTempDirectory } from '../../contract/tmp.ts';

const MARK = { className: 'default', scope: 'o/r', subnet: 117, forJob: 41_234_567, forAttempt: 2 };
const at = (monotonic: number) => ({ boot: 'this-boot', monotonic, wall: 1_000 + monotonic });
let paths: MachinePaths;

beforeEach(async () => {
  paths = machinePaths(await makeTempDirectory(), '/run/rc', 'j1');
  await mkdir(paths.root, { recursive: true });
});

it('the mark is made before the runner has its name', async () => {
  await writeFile(paths.mark, markText(MARK, 'abc'));
  expect(readMarkFile(paths)).toEqual({ controllerId: 'abc', mark: { ...MARK, runnerName: null } });
});

it('the boot is promised once, with the name of its runner, and keeps it when it is ready', async () => {
  const boot = { runnerName: 'h-j1-abcdefgh', startedAt: at(5), readyAt: null };
  promiseBoot(paths, boot);
  expect(readBoot(paths)).toEqual(boot);
  expect(() => promiseBoot(paths, { ...boot, runnerName: 'h-j1-zzzzzzzz' })).toThrow('it ran before');
  await recordReady(paths, { ...boot, readyAt: at(9) });
  expect(readBoot(paths)).toEqual({ ...boot, readyAt: at(9) });
});

it('a boot that a power cut left empty was one all the same', async () => {
  await writeFile(paths.boot, '');
  expect(readBoot(paths)).toEqual({ runnerName: null, startedAt: null, readyAt: null });
});

it('reads mark and boot as version 0.1.0 wrote them, with times of the wall clock', async () => {
  const mark = { ...MARK, runnerName: 'h-j1-abcdefgh' };
  await writeFile(paths.mark, JSON.stringify({ version: 1, RUNNER_CONTROLLER_ID: 'abc', mark }));
  await writeFile(paths.boot, JSON.stringify({ startedAt: 5, readyAt: 9 }));
  expect(readMarkFile(paths)).toEqual({ controllerId: 'abc', mark });
  expect(readBoot(paths)).toEqual({
    runnerName: null,
    startedAt: wallInstant(5),
    readyAt: wallInstant(9),
  });
});
