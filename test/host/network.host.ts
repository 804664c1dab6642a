import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

import type { Engine } from '../../src/core/ports.ts';
import { orderFor, registered } from '../contract/engine.ts';
import { remains } from './support/leaks.ts';
import type { AnyOptions } from './support/machine.ts';
import { makeHost, makeNixos, makeNspawn, NEVER, scripted } from './support/machine.ts';
import { sh } from './support/shell.ts';

/** Answers each connection with the address that it came from. */
const SERVER = (port: number): string =>
  `require('net').createServer((s) => s.end(s.remoteAddress)).listen(${port}, '0.0.0.0', () => console.log('up'))`;

/** How long a client waits: where an answer is due, a machine under load may take its time over it. */
const PATIENCE_MS = { answer: 30_000, silence: 700 } as const;
type Due = keyof typeof PATIENCE_MS;

/** Prints what a server at the address answers, or why not. */
const CLIENT = (due: Due, address: string, port: number, local: string): string =>
  `const s = require('net').connect({ host: '${address}', port: ${port}, timeout: ${PATIENCE_MS[due]} ${local === '' ? '' : `, localAddress: '${local}'`} });` +
  "let t = ''; const end = (x) => { console.log(x); process.exit(); };" +
  "s.on('data', (d) => (t += d)).on('end', () => end(t)).on('timeout', () => end('silence')).on('error', (e) => end(e.code));";

const PUBLIC = '198.51.100.7';
const UPLINK = '203.0.113.1';
const OPEN = { host: UPLINK, port: 8002 };

async function serve(port: number, prefix: readonly string[] = []): Promise<Disposable> {
  const [program, ...args] = [...prefix, 'node', '-e', SERVER(port)];
  const child = spawn(program ?? 'node', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return { [Symbol.dispose]: () => void child.kill('SIGKILL') };
}

/** What a process inside the container's network is answered. */
function ask(due: Due, name: string, address: string, port: number, local = ''): string {
  const leader = sh(`machinectl show ${name} --property Leader --value`);
  return sh(`nsenter --target ${leader} --net node -e "${CLIENT(due, address, port, local)}"`);
}

describe.each([
  ['nspawn', makeNspawn],
  ['nixos-container', makeNixos],
])('containers of %s are apart', (_kind, open: (options: AnyOptions) => Engine) => {
  const servers: Disposable[] = [];

  beforeAll(async () => {
    sh(`ip netns add outside && ip link add uplink type veth peer name wan netns outside
        ip addr add ${UPLINK}/24 dev uplink && ip link set uplink up && ip route add default via 203.0.113.2
        ip -n outside addr add 203.0.113.2/24 dev wan && ip -n outside link set wan up && ip -n outside link set lo up
        for address in ${PUBLIC} 10.99.0.1 172.20.0.1 169.254.169.254 100.64.0.1; do ip -n outside addr add $address/32 dev lo; done`);
    const outside = ['ip', 'netns', 'exec', 'outside'];
    servers.push(await serve(8000, outside), await serve(8001), await serve(OPEN.port));
  });

  afterAll(() => {
    for (const server of servers) server[Symbol.dispose]();
    sh('ip route del default; ip link del uplink; ip netns del outside');
  });

  it('from the host, each other, private ranges and metadata, and not from the world', async () => {
    const host = makeHost(open, { allowed: [OPEN] });
    const engine = host.open();
    await Promise.all(
      ['j1', 'j2'].map(async (name, n) => {
        await engine.create(orderFor(name, { subnet: 131 + n }), NEVER);
        await engine.start(name, registered(name, scripted('exec sleep 600')), NEVER);
      }),
    );
    const leader = sh('machinectl show j2 --property Leader --value');
    const sibling = await serve(8000, ['nsenter', '--target', leader, '--net']);
    onTestFinished(() => sibling[Symbol.dispose]());

    expect(ask('answer', 'j1', PUBLIC, 8000)).toBe(UPLINK);
    expect(ask('answer', 'j1', OPEN.host, OPEN.port)).toBe('192.168.131.2');
    for (const address of ['10.99.0.1', '172.20.0.1', '169.254.169.254', '100.64.0.1', '192.168.132.2']) {
      expect([address, ask('silence', 'j1', address, 8000)]).toEqual([address, 'silence']);
    }
    for (const address of ['192.168.131.1', '192.168.132.1', UPLINK]) {
      expect([address, ask('silence', 'j1', address, 8001)]).toEqual([address, 'silence']);
    }
    // The host itself reaches a container.
    expect(sh(`node -e "${CLIENT('answer', '192.168.132.2', 8000, '')}"`)).toBe('192.168.132.1');

    // A container that takes another's address, or one of its own choice.
    for (const address of ['192.168.132.2', '198.51.100.99']) {
      sh(
        `nsenter --target $(machinectl show j1 --property Leader --value) --net ip addr add ${address}/32 dev lo`,
      );
      expect([address, ask('silence', 'j1', PUBLIC, 8000, address)]).toEqual([address, 'silence']);
    }

    // A host that loads its firewall anew takes ours away; the next look of a controller puts it back, and a look that
    // some other process takes changes nothing.
    sh('nft flush ruleset');
    const next = host.open();
    await next.observe(['j1', 'j2'], NEVER);
    expect(ask('answer', 'j1', '192.168.131.1', 8001)).toBe('192.168.131.2');
    const watch = next.watch(() => undefined);
    onTestFinished(() => watch[Symbol.dispose]());
    await next.observe(['j1', 'j2'], NEVER);
    expect(ask('silence', 'j1', '192.168.131.1', 8001)).toBe('silence');
    expect(ask('answer', 'j1', PUBLIC, 8000)).toBe(UPLINK);

    await engine.observe(['j1', 'j2'], NEVER);
    await engine.destroy('j1', { clean: false }, NEVER);
    expect(sh('nft list tables')).toContain('runner_controller');
    await engine.destroy('j2', { clean: false }, NEVER);
    expect(remains()).toEqual([]);
  });
});
