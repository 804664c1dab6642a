import { existsSync } from 'node:fs';
import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';

import { AllowedServices } from '../../../src/engine/network/allowed-services.ts';
import type { NetworkKeeper } from '../../../src/engine/network/host-network.ts';
import { HostNetwork } from '../../../src/engine/network/host-network.ts';
import { makeTempDirectory } from '../../contract/tmp.ts';

const NEVER = new AbortController().signal;
const GUEST = { name: 'j1', subnet: 117 };

/** A host whose `nft` keeps the newest script as its table, and counts how often it was loaded. */
async function makeHost(keeper: NetworkKeeper) {
  const root = await makeTempDirectory();
  const file = (name: string): string => join(root, name);
  await writeFile(
    file('nft'),
    `#!/bin/sh
if [ "$1" = -f ]; then cat > ${file('table')}; echo x >> ${file('loads')}; else cat ${file('table')}; fi
`,
  );
  await chmod(file('nft'), 0o755);
  await writeFile(file('forwarding'), '0\n');
  const options = { allowed: [], keeper, nft: file('nft'), forwarding: file('forwarding') };
  return {
    network: new HostNetwork(options),
    file,
    loads: async () => (await readFile(file('loads'), 'utf8').catch(() => '')).length / 2,
  };
}

describe('the packet filter of a host', () => {
  it('is loaded once for the same guests, and forwarding switched on', async () => {
    const { network, file, loads } = await makeHost('engine');
    await network.add([GUEST], NEVER);
    await network.add([GUEST], NEVER);
    expect(await loads()).toBe(1);
    expect(await readFile(file('table'), 'utf8')).toContain('192.168.117.2');
    expect(await readFile(file('forwarding'), 'utf8')).toBe('1');
  });

  it('keeps what it was only told of, and touches nothing until something comes or goes', async () => {
    const { network, file, loads } = await makeHost('engine');
    network.know([GUEST]);
    expect(await loads()).toBe(0);
    await network.remove('j2', NEVER);
    expect(await readFile(file('table'), 'utf8')).toContain('192.168.117.2');
  });

  it('is left to the host, its switches included, when the host keeps containers apart', async () => {
    const { network, file, loads } = await makeHost('host');
    await network.add([GUEST], NEVER);
    await network.remove(GUEST.name, NEVER);
    expect(await loads()).toBe(0);
    expect(await readFile(file('forwarding'), 'utf8')).toBe('0\n');
  });

  it.each<[string, (table: string) => Promise<void>]>([
    ['gone', (table) => rm(table)],
    ['changed', (table) => writeFile(table, 'table inet runner_controller { chain input { accept } }')],
  ])('is put back at the next check when somebody has it %s', async (_what, harm) => {
    const now = vi.spyOn(performance, 'now').mockReturnValue(0);
    onTestFinished(() => now.mockRestore());
    const { network, file, loads } = await makeHost('engine');
    await network.add([GUEST], NEVER);
    await harm(file('table'));
    now.mockReturnValue(9999);
    await network.add([GUEST], NEVER);
    expect(await loads()).toBe(1);
    now.mockReturnValue(10_000);
    await network.add([GUEST], NEVER);
    expect(await loads()).toBe(2);
    expect(existsSync(file('table')) && (await readFile(file('table'), 'utf8'))).toContain('192.168.117.2');
  });
});

describe('services that jobs may reach', () => {
  const addresses = (services: AllowedServices): readonly string[] =>
    services.endpoints.filter(({ port }) => port === 8443).map(({ address }) => address);

  it('keep their last address while the name has no answer', async () => {
    const answers = [['10.0.0.6', '10.0.0.5'], null, ['10.0.0.7']];
    const services = new AllowedServices([{ host: 'ghe.example', port: 8443 }], () => {
      const answer = answers.shift() ?? null;
      return answer === null ? Promise.reject(new Error('no answer')) : Promise.resolve(answer);
    });
    expect(addresses(services)).toEqual([]);
    await services.resolve(NEVER);
    expect(addresses(services)).toEqual(['10.0.0.5', '10.0.0.6']);
    await services.resolve(NEVER);
    expect(addresses(services)).toEqual(['10.0.0.5', '10.0.0.6']);
    await services.resolve(NEVER);
    expect(addresses(services)).toEqual(['10.0.0.7']);
  });

  it('are waited for no longer than the deadline, or than the caller waits', async () => {
    const services = new AllowedServices(
      [{ host: 'ghe.example', port: 8443 }],
      () => new Promise(() => undefined),
    );
    await services.resolve(NEVER);
    await expect(services.resolve(AbortSignal.abort(new Error('over')))).rejects.toThrow('over');
  });
});
