import { describe, expect, it } from 'vitest';

import { machinePaths } from '../../../src/engine/machine/paths.ts';
import { confLines, markOf, runnerLine } from '../../../src/engine/nixos-container/conf.ts';
import { dropIn } from '../../../src/engine/nixos-container/drop-in.ts';

const paths = machinePaths('/var/lib/rc', '/run/rc', 'j1');
const order = {
  name: 'j1',
  className: 'default',
  scope: 'o/r',
  subnet: 117,
  forJob: 41_234_567,
  forAttempt: 2,
  system: '/nix/store/x-system',
};

describe('what is appended to a conf', () => {
  const common = { order, paths, controllerId: 'abc', privateUsers: false, nspawnFlags: [] };
  const lines = confLines({ ...common, suppressSync: true });

  it('carries our mark, and the mark is read again', () => {
    expect(lines).toContain('RUNNER_CONTROLLER_ID=abc\n');
    const { className, scope, subnet, forJob, forAttempt } = order;
    expect(markOf(`PRIVATE_NETWORK=1\n${lines}`)).toEqual({
      controllerId: 'abc',
      mark: { className, scope, subnet, runnerName: null, forJob, forAttempt },
    });
  });

  it('has one word per flag, since the start script splits them at blanks', () => {
    expect(lines).toContain(
      'EXTRA_NSPAWN_FLAGS="--load-credential=runner-registration:/run/rc/credentials/j1 ' +
        '--bind=/var/lib/rc/instances/j1/signals:/run/runner-signals --suppress-sync=yes"\n',
    );
    expect(lines).not.toContain('PRIVATE_USERS');
  });

  it('has the flags of the system after them', () => {
    const nspawnFlags = ['--capability=CAP_SYS_ADMIN', '--private-network'];
    expect(confLines({ ...common, suppressSync: false, nspawnFlags })).toContain(
      ':/run/runner-signals --capability=CAP_SYS_ADMIN --private-network"\n',
    );
  });

  it('says which runner it booted with in a line of its own, and keeps the rest', () => {
    const booted = `PRIVATE_NETWORK=1\n${lines}${runnerLine('h-j1-zzzzzzzz')}`;
    const { className, scope, subnet, forJob, forAttempt } = order;
    const mark = { className, scope, subnet, forJob, forAttempt, runnerName: 'h-j1-zzzzzzzz' };
    expect(markOf(booted)).toEqual({ controllerId: 'abc', mark });
  });

  it('is read as version 0.1.0 wrote it, with the name in the mark', () => {
    const { className, scope, subnet, forJob, forAttempt } = order;
    const mark = { className, scope, runnerName: 'h-j1-abcdefgh', subnet, forJob, forAttempt };
    const text = JSON.stringify({ version: 1, RUNNER_CONTROLLER_ID: 'abc', mark });
    const line = `RUNNER_CONTROLLER_MARK=${Buffer.from(text).toString('base64url')}\n`;
    expect(markOf(line)).toEqual({ controllerId: 'abc', mark });
  });

  it('asks for a user namespace in the words of nspawn', () => {
    expect(confLines({ ...common, privateUsers: true, suppressSync: false })).toContain(
      'PRIVATE_USERS=pick\n',
    );
  });

  it.each([
    '',
    'RUNNER_CONTROLLER_MARK=',
    'RUNNER_CONTROLLER_MARK=bm9uc2Vuc2U',
    'X_RUNNER_CONTROLLER_MARK=e30',
  ])('is no mark in %j', (conf) => {
    expect(markOf(conf)).toBeNull();
  });
});

describe('the drop-in of one instance', () => {
  it('boots once, whatever asks for more', () => {
    const text = dropIn({ limits: {}, privateUsers: false }, paths);
    expect(text).toContain('\nSlice=runner-jobs.slice\n');
    expect(text).toContain('\nRestart=no\n');
    // A reboot ends with 133, which `Restart=no` alone does not stop.
    expect(text).toContain('\nRestartForceExitStatus=\n');
    expect(text).toContain('ExecStopPost=/bin/sh /var/lib/rc/instances/j1/end\n');
  });

  it('has the limits of the class', () => {
    const text = dropIn(
      { limits: { memoryMaxBytes: 5, memoryHighBytes: 4, ioWeight: 7 }, privateUsers: true },
      paths,
    );
    expect(text).toContain('MemoryMax=5\nMemoryHigh=4\nIOWeight=7\n');
    expect(text).toContain('DeviceAllow=/dev/net/tun rwm\n');
  });
});
