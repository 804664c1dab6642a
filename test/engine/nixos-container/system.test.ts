import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { EngineError } from '../../../src/core/errors.ts';
import { checkRunner } from '../../../src/engine/nixos-container/doctor.ts';
import { readSystemFacts } from '../../../src/engine/nixos-container/system.ts';
import { makeTempDirectory } from '../../contract/tmp.ts';

async function systemWith(text: string | null): Promise<string> {
  const system = await makeTempDirectory();
  await mkdir(join(system, 'etc'));
  if (text !== null) await writeFile(join(system, 'etc/ci-runner.json'), text);
  return system;
}

const facts = (more: object): string =>
  JSON.stringify({ version: 1, class: 'default', uid: 47_000, nspawnFlags: [], ...more });

describe('what a container system says of itself', () => {
  it('is nothing without the file', async () => {
    expect(await readSystemFacts(await systemWith(null))).toEqual({ nspawnFlags: [], runnerVersion: null });
  });

  it('is read', async () => {
    const nspawnFlags = ['--capability=CAP_SYS_ADMIN,CAP_NET_ADMIN', '--private-network', '--bind=/a:/b'];
    const system = await systemWith(facts({ nspawnFlags, runnerVersion: '2.330.0' }));
    expect(await readSystemFacts(system)).toEqual({ nspawnFlags, runnerVersion: '2.330.0' });
  });

  it.each(['--bind=/a /b', '--x="', '--x=$(id)', '--x=\\n', 'x', '-x', '--x\n--y', '--X=1', ''])(
    'is refused with the flag %j, which the start script would not take as one word',
    async (flag) => {
      await expect(readSystemFacts(await systemWith(facts({ nspawnFlags: [flag] })))).rejects.toThrow(
        EngineError,
      );
    },
  );

  it.each(['', '{', 'null', '{"version":2}', facts({ nspawnFlags: '--x' })])(
    'is refused when it is %j',
    async (text) => {
      await expect(readSystemFacts(await systemWith(text))).rejects.toThrow(
        'build the container system anew',
      );
    },
  );
});

describe('what doctor says of the runner in it', () => {
  it.each([
    ['2.329.0', 'ok'],
    ['2.330.1', 'ok'],
    ['3.0.0', 'ok'],
    ['2.328.9', 'fail'],
    ['2.99.0', 'fail'],
    ['1.999.0', 'fail'],
    [undefined, 'warn'],
  ])('%s: %s', async (runnerVersion, level) => {
    const containerSystem = await systemWith(facts({ runnerVersion }));
    const each = { limits: {}, privateUsers: false, containerTemplate: null, containerSystem };
    expect(await checkRunner('big', each, () => Promise.resolve(null))).toMatchObject({ level });
  });

  it('is about what was built of a template', async () => {
    const system = await systemWith(facts({ runnerVersion: '2.1.0' }));
    const each = { limits: {}, privateUsers: false, containerTemplate: '/t.nix' };
    expect(await checkRunner('big', each, () => Promise.resolve(null))).toMatchObject({ level: 'ok' });
    expect(await checkRunner('big', each, () => Promise.resolve(system))).toMatchObject({ level: 'fail' });
  });
});
