import { describe, expect, it } from 'vitest';

import { escapeForBus } from '../../../src/engine/systemd/events.ts';
import { isUp, parseUnits } from '../../../src/engine/systemd/units.ts';

const RUNNING = `Id=runner-container@j1.service
LoadState=loaded
ActiveState=active
SubState=running
Result=success
ExecMainCode=0
ExecMainStatus=0
ExecMainStartTimestampMonotonic=5000000
ActiveEnterTimestampMonotonic=6000000
Environment=RUNNER_CONTROLLER_ID=abc PATH=/usr/bin:/bin
CPUUsageNSec=2500000000
MemoryPeak=[not set]`;

const EXITED = `Id=runner-container@j2.service
LoadState=loaded
ActiveState=active
SubState=exited
Result=success
ExecMainCode=1
ExecMainStatus=0
ExecMainStartTimestampMonotonic=5000000
ActiveEnterTimestampMonotonic=0
CPUUsageNSec=18446744073709551615`;

describe('what systemctl show says', () => {
  it('is read for several units at once', () => {
    const [first, second] = parseUnits(`${RUNNING}\n\n${EXITED}\n`);
    expect(first).toEqual({
      id: 'runner-container@j1.service',
      active: 'active',
      sub: 'running',
      result: 'success',
      exitStatus: null,
      startedAt: 5000,
      readyAt: 6000,
      environment: 'RUNNER_CONTROLLER_ID=abc PATH=/usr/bin:/bin',
      usage: { cpuSeconds: 2.5, memoryPeak: null },
    });
    expect(second).toMatchObject({ exitStatus: 0, readyAt: null, usage: { cpuSeconds: null } });
  });

  it('is no unit when nothing is loaded', () => {
    expect(parseUnits('')).toEqual([]);
    expect(parseUnits('Id=x.service\nLoadState=not-found\nActiveState=inactive\n')).toEqual([]);
  });

  it.each([
    ['active', 'running', true],
    ['activating', 'start', true],
    ['deactivating', 'stop-sigterm', true],
    ['active', 'exited', false],
    ['inactive', 'dead', false],
    ['failed', 'failed', false],
  ])('%s (%s) is up: %s', (active, sub, up) => {
    const [unit] = parseUnits(`Id=x.service\nLoadState=loaded\nActiveState=${active}\nSubState=${sub}`);
    expect(unit !== undefined && isUp(unit)).toBe(up);
  });
});

it('a unit is known on the bus by its escaped name', () => {
  expect(escapeForBus('runner-container@')).toBe('runner_2dcontainer_40');
});
