import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import type { ControlDeps } from '../../src/http/control.ts';
import {
  buildControl,
  listenControl,
  SharedDirectoryError,
  SocketInUseError,
} from '../../src/http/control.ts';
import { TempDirectory } from '../support/tmp.ts';

/** An operator that writes down what it is asked for, and knows one container. */
function recorder(): { readonly asked: string[]; readonly deps: ControlDeps } {
  const asked: string[] = [];
  const deps: ControlDeps = {
    status: () => {
      throw new Error('no secret of ours: /home/somebody');
    },
    health: () => [],
    log: (level, message) => asked.push(`${level} ${message}`),
    stop: async (name, now) => {
      asked.push(`stop ${name} ${now}`);
      return Promise.resolve(name === 'j1' ? 'accepted' : 'unknown');
    },
    drain: async (on) => {
      asked.push(`drain ${on}`);
      return Promise.resolve();
    },
    cleanup: async () => {
      asked.push('cleanup');
      return Promise.resolve();
    },
  };
  return { asked, deps };
}

const REQUESTS = [
  ['/stop', { name: 'j1' }, 202, ['stop j1 false'], {}],
  ['/stop', { name: 'j1', now: true }, 202, ['stop j1 true'], {}],
  ['/stop', { name: 'j2' }, 404, ['stop j2 false'], { error: 'no container of ours is named j2' }],
  ['/stop', {}, 400, [], { error: 'expected {"name": string, "now": boolean}' }],
  ['/stop', { name: 1 }, 400, [], { error: 'expected {"name": string, "now": boolean}' }],
  ['/stop', { name: 'j1', force: true }, 400, [], { error: 'expected {"name": string, "now": boolean}' }],
  ['/stop', { name: 'x'.repeat(65) }, 400, [], { error: 'expected {"name": string, "now": boolean}' }],
  ['/drain', {}, 202, ['drain true'], {}],
  ['/drain', { hard: true }, 400, [], { error: 'no body expected' }],
  ['/resume', undefined, 202, ['drain false'], {}],
  ['/cleanup', {}, 202, ['cleanup'], {}],
] as const;

describe('the control API', () => {
  it.each(REQUESTS)('POST %s %j: %i', async (url, payload, status, expected, body) => {
    const { asked, deps } = recorder();
    const app = buildControl(deps);
    const answer = await app.inject({ method: 'POST', url, ...(payload === undefined ? {} : { payload }) });
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toEqual(body);
    expect(asked).toEqual(expected);
    await app.close();
  });

  it('listens in no directory that others can write to', async () => {
    await using dir = await TempDirectory.make();
    await chmod(dir.path, 0o777);
    const app = buildControl(recorder().deps);
    await expect(listenControl(app, join(dir.path, 'control.sock'))).rejects.toThrow(SharedDirectoryError);
    await chmod(dir.path, 0o755);
    await listenControl(app, join(dir.path, 'control.sock'));
    await app.close();
  });

  it('takes no broken JSON, and says nothing of a fault of its own', async () => {
    const { asked, deps } = recorder();
    const app = buildControl(deps);
    const headers = { 'content-type': 'application/json' };
    const broken = await app.inject({ method: 'POST', url: '/stop', headers, payload: '{"name":' });
    expect(broken.statusCode).toBe(400);
    const fault = await app.inject({ method: 'GET', url: '/status' });
    expect(fault.statusCode).toBe(500);
    expect(fault.json()).toEqual({ error: 'internal error' });
    expect(asked).toEqual(['error request failed']);
    await app.close();
  });

  it('refuses a socket that is answered, and takes over a dead one', async () => {
    await using dir = await TempDirectory.make();
    const path = `${dir.path}/control.sock`;
    const first = buildControl(recorder().deps);
    await listenControl(first, path);
    const second = buildControl(recorder().deps);
    await expect(listenControl(second, path)).rejects.toBeInstanceOf(SocketInUseError);
    await first.close();
    await listenControl(second, path);
    await second.close();
  });
});
