import { mkdir } from 'node:fs/promises';
import { beforeEach, expect, it } from 'vitest';

import { wallInstant } from '../../../src/core/time/instant.ts';
import type { Boot } from '../../../src/engine/machine/mark.ts';
import type { MachinePaths } from '../../../src/engine/machine/paths.ts';
import { machinePaths } from '../../../src/engine/machine/paths.ts';
import { toContainer } from '../../../src/engine/machine/to-container.ts';
import type { Unit } from '../../../src/engine/systemd/units.ts';
import { makeTempDirectory } from '../../contract/tmp.ts';
import { HOUR, MINUTE, NOW, WALL } from '../../support/builders.ts';

const now = { boot: 'this-boot', monotonic: NOW, wall: WALL };
const ago = (ms: number) => ({ boot: 'this-boot', monotonic: NOW - ms, wall: WALL - ms });
const boot: Boot = {
  runnerName: 'h-j1-abcdefgh',
  startedAt: ago(3 * MINUTE),
  readyAt: ago(2 * MINUTE),
};
const unit: Unit = {
  id: 'runner-container@j1.service',
  active: 'active',
  sub: 'running',
  result: 'success',
  exitStatus: null,
  startedAt: NOW - 3 * MINUTE + 7,
  readyAt: NOW - 2 * MINUTE - 7,
  environment: '',
  usage: { cpuSeconds: null, memoryPeak: null },
};
let paths: MachinePaths;

beforeEach(async () => {
  paths = machinePaths(await makeTempDirectory(), '/run/rc', 'j1');
  await mkdir(paths.root, { recursive: true });
});

function times(its: { boot: Boot | null; unit: Unit | null }, at = now) {
  const { startedAt, readyAt } = toContainer(
    { name: 'j1', paths, marked: null, starting: false, ...its },
    at,
  );
  return [startedAt, readyAt];
}

it.each([0, 3 * HOUR, -5 * HOUR])('its unit says when it began, with a wall clock moved by %i', (skew) => {
  const at = { ...now, wall: WALL + skew };
  expect(times({ boot, unit }, at)).toEqual([unit.startedAt, unit.readyAt]);
  expect(times({ boot: null, unit }, at)).toEqual([unit.startedAt, unit.readyAt]);
});

it.each([0, 3 * HOUR, -5 * HOUR])('without a unit its record does, with a wall clock moved by %i', (skew) => {
  const at = { ...now, wall: WALL + skew };
  expect(times({ boot, unit: null }, at)).toEqual([NOW - 3 * MINUTE, NOW - 2 * MINUTE]);
});

it('a record of another boot, or of version 0.1.0, tells it by the wall clock', () => {
  const next = { boot: 'the-next', monotonic: MINUTE, wall: WALL + HOUR };
  expect(times({ boot, unit: null }, next)).toEqual([-HOUR - 2 * MINUTE, -HOUR - MINUTE]);
  const older: Boot = { ...boot, startedAt: wallInstant(WALL - HOUR), readyAt: null };
  expect(times({ boot: older, unit: null })).toEqual([NOW - HOUR, null]);
});

it('nothing tells it where a power cut left the record empty', () => {
  const empty: Boot = { runnerName: null, startedAt: null, readyAt: null };
  expect(times({ boot: empty, unit: null })).toEqual([null, null]);
});
