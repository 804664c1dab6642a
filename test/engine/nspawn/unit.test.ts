import { describe, expect, it } from 'vitest';

import { machinePaths } from '../../../src/engine/machine/paths.ts';
import { bootScript, networkScript, unitArguments } from '../../../src/engine/nspawn/unit.ts';
import { parseVersion } from '../../../src/engine/systemd/version.ts';

const paths = machinePaths('/var/lib/rc', '/run/rc', 'j1234567');
const script = { name: 'j1234567', subnet: 117, paths };

describe('the unit of one container', () => {
  const argv = unitArguments(
    {
      name: 'runner-container@j1234567.service',
      paths,
      controllerId: 'abc',
      limits: { cpuPercent: 150, tasksMax: 9 },
      startTimeoutMs: 1500,
    },
    '/bin',
  );

  it('is transient, in the slice, marked as ours, and stays until it was looked at', () => {
    expect(argv).toEqual(
      expect.arrayContaining([
        '--unit=runner-container@j1234567.service',
        '--slice=runner-jobs.slice',
        '--service-type=notify',
        '--setenv=RUNNER_CONTROLLER_ID=abc',
        '--property=RemainAfterExit=yes',
        '--property=Restart=no',
        '--property=ExecStopPost=/bin/sh /var/lib/rc/instances/j1234567/end',
        '--property=TimeoutStartSec=2',
        '--property=TimeoutStopSec=60',
      ]),
    );
  });

  it('has the limits of the class and never swaps', () => {
    expect(argv).toEqual(
      expect.arrayContaining([
        '--property=CPUQuota=150%',
        '--property=TasksMax=9',
        '--property=MemorySwapMax=0',
      ]),
    );
    expect(argv.some((word) => word.includes('MemoryMax'))).toBe(false);
  });
});

describe('the scripts of one container', () => {
  it('boot over the tree, with credential and signals', () => {
    const text = bootScript(script, { privateUsers: false, suppressSync: true });
    expect(text).toContain('lowerdir=tree,upperdir=upper,workdir=work root');
    expect(text).toContain('--load-credential=runner-registration:/run/rc/credentials/j1234567');
    expect(text).toContain('--bind=/var/lib/rc/instances/j1234567/signals:/run/runner-signals');
    expect(text).toContain('--notify-ready=yes');
    expect(text).toContain('--suppress-sync=yes');
    expect(text).not.toContain('--private-users');
  });

  it('leave out what an older systemd lacks, and take a user namespace where asked to', () => {
    const text = bootScript(script, { privateUsers: true, suppressSync: false });
    expect(text).not.toContain('--suppress-sync');
    expect(text).toContain('--private-users=pick');
    expect(bootScript(script, { privateUsers: 'identity', suppressSync: false })).toContain(
      '--private-users=identity',
    );
  });

  it('give the link its addresses, the host end first', () => {
    const lines = networkScript(script).split('\n');
    const at = (text: string): number => lines.findIndex((line) => line.includes(text));
    expect(at('address add 192.168.117.1/32 dev ve-j1234567')).toBeGreaterThan(0);
    expect(at('address add 192.168.117.2/32 dev host0')).toBeGreaterThan(at('route add 192.168.117.2/32'));
    expect(at('route add default via 192.168.117.1 dev host0')).toBeGreaterThan(at('link set dev host0 up'));
  });
});

it.each(['', '.', '..', 'a/b', 'a b', 'longer-than-11', '-x/../..'])(
  '%j is no name of a container',
  (name) => {
    expect(() => machinePaths('/s', '/r', name)).toThrow('cannot be the name');
  },
);

it('the version of systemd is read from its first line', () => {
  expect(parseVersion('systemd 252 (252.39-1~deb12u2)\n+PAM')).toBe(252);
  expect(parseVersion('systemd 261.1 (261.1)')).toBe(261);
  expect(parseVersion('no')).toBeNull();
});
