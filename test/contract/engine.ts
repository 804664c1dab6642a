import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';

import { EngineError } from '../../src/core/errors.ts';
import type { Container, HostObservation } from '../../src/core/observation.ts';
import type { ContainerOrder, Engine, Registered, Sealed } from '../../src/core/ports.ts';

/**
 * What a container of the suite runs: the host that brings the engine says how its credential makes it do so.
 * The two that know SIGTERM write the signal `started` once they do.
 */
export type Script = 'sleeps' | 'exits-3' | 'ends-on-term' | 'ignores-term';

/** One host with nothing on it. */
export interface EngineHost {
  /** A new engine object over this host, as a controller that starts anew makes it. */
  readonly open: () => Engine;
  /** The engine of another controller on the same host. */
  readonly openStranger: () => Engine;
  readonly credential: (script: Script) => Sealed;
}

const NEVER = new AbortController().signal;

/** No other process of this run uses it: the process engine tells its processes by such a name. */
const SUFFIX = Math.random().toString(36).slice(2, 10).padEnd(8, 'a');

function runnerNameOf(name: string): string {
  return `host-${name}-${SUFFIX}`;
}

/** A registration under the name that `orderFor` gives, unless it is another. */
export function registered(name: string, credential: Sealed, runnerName = runnerNameOf(name)): Registered {
  return { runnerName, credential };
}

export function orderFor(name: string, more: Partial<ContainerOrder> = {}): ContainerOrder {
  return {
    name,
    className: 'default',
    scope: 'o/r',
    subnet: 100,
    forJob: 41_234_567,
    forAttempt: 1,
    system: null,
    ...more,
  };
}

/** Looks until the container is as wanted; the test's own time-out bounds it. */
export async function observeUntil(
  engine: Engine,
  name: string,
  wanted: (container: Container | undefined, look: HostObservation) => boolean,
): Promise<Container | undefined> {
  for (;;) {
    const look = await engine.observe([name], NEVER);
    const container = look.containers.find((each) => each.name === name);
    if (wanted(container, look)) return container;
    // An observation starts processes, which the container would have to share the cores with.
    await delay(100);
  }
}

/** What every `Engine` must show. `make` also ends, after the test, whatever the test left. */
export function describeEngine(kind: string, make: () => Promise<EngineHost>): void {
  async function started(script: Script, name = 'j1'): Promise<EngineHost & { readonly engine: Engine }> {
    const host = await make();
    const engine = host.open();
    onTestFinished(() => engine.destroy(name, { clean: false }, NEVER).catch(() => undefined));
    await engine.create(orderFor(name), NEVER);
    await engine.start(name, registered(name, host.credential(script)), NEVER);
    return { ...host, engine };
  }

  async function stateOf(engine: Engine, name: string): Promise<string> {
    const { containers } = await engine.observe([name], NEVER);
    return containers.find((each) => each.name === name)?.state ?? 'absent';
  }

  describe(`engine contract: ${kind}`, () => {
    it('sees nothing on an empty host, promised or not', async () => {
      const { open } = await make();
      const look = await open().observe(['j1'], NEVER);
      expect(look.containers).toEqual([]);
      expect(look.namesInUse).not.toContain('j1');
      expect(look.freeDisk).toBeGreaterThan(0);
    });

    it('creates a container that carries its mark and was never started', async () => {
      const { open } = await make();
      const engine = open();
      const order = orderFor('j1');
      await engine.create(order, NEVER);
      const look = await engine.observe([], NEVER);
      const { className, scope, subnet, forJob, forAttempt } = order;
      expect(look.containers).toEqual([
        {
          name: 'j1',
          state: 'created',
          startedAt: null,
          readyAt: null,
          exit: null,
          started: null,
          completed: null,
          mark: { className, scope, runnerName: null, subnet, forJob, forAttempt },
        },
      ]);
      expect(look.namesInUse).toContain('j1');
      await engine.destroy('j1', { clean: false }, NEVER);
    });

    it('refuses to create what exists, and leaves it as it is', async () => {
      const { engine } = await started('sleeps');
      const refused: unknown = await engine.create(orderFor('j1'), NEVER).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(EngineError);
      expect(refused).toMatchObject({ code: 'exists' });
      expect(await stateOf(engine, 'j1')).toBe('running');
    });

    it('runs what was started, and says since when', async () => {
      const { engine } = await started('sleeps');
      const running = await observeUntil(engine, 'j1', (container) => container?.state === 'running');
      expect(running?.startedAt).toBeTypeOf('number');
      expect(running?.exit).toBeNull();
      await observeUntil(engine, 'j1', (container) => container?.readyAt !== null);
    });

    it('starts once only: not while it runs, not after it ended, not by another engine object', async () => {
      const { engine, open, credential } = await started('exits-3');
      await expect(engine.start('j1', registered('j1', credential('sleeps')), NEVER)).rejects.toMatchObject({
        name: 'EngineError',
        code: 'exists',
      });
      await observeUntil(engine, 'j1', (container) => container?.state === 'ended');
      await expect(engine.start('j1', registered('j1', credential('sleeps')), NEVER)).rejects.toMatchObject({
        name: 'EngineError',
        code: 'exists',
      });
      await expect(open().start('j1', registered('j1', credential('sleeps')), NEVER)).rejects.toMatchObject({
        name: 'EngineError',
        code: 'exists',
      });
      expect(await stateOf(engine, 'j1')).toBe('ended');
    });

    it('carries the name that its runner booted with', async () => {
      const { open, credential } = await make();
      const engine = open();
      const order = orderFor('j1');
      await engine.create(order, NEVER);
      onTestFinished(() => engine.destroy('j1', { clean: false }, NEVER).catch(() => undefined));
      const renamed = `${runnerNameOf('j1').slice(0, -2)}zz`;
      await engine.start('j1', registered('j1', credential('sleeps'), renamed), NEVER);
      const { className, scope, subnet, forJob, forAttempt } = order;
      const mark = { className, scope, subnet, forJob, forAttempt, runnerName: renamed };
      for (const each of [engine, open()]) {
        const { containers } = await each.observe(['j1'], NEVER);
        expect(containers).toMatchObject([{ state: 'running', mark }]);
      }
      await engine.destroy('j1', { clean: false }, NEVER);
      expect(await stateOf(engine, 'j1')).toBe('absent');
    });

    it('refuses to start what was never created', async () => {
      const { open, credential } = await make();
      await expect(open().start('j1', registered('j1', credential('sleeps')), NEVER)).rejects.toMatchObject({
        name: 'EngineError',
        code: 'absent',
      });
    });

    it('sees the end and the exit status, and keeps the name taken until it is destroyed', async () => {
      const { engine } = await started('exits-3');
      const ended = await observeUntil(engine, 'j1', (container) => container?.state === 'ended');
      expect(ended?.exit?.code).toBe(3);
      expect((await engine.observe([], NEVER)).namesInUse).toContain('j1');
    });

    it('destroys a running one at once, and again, and what never was', async () => {
      const { engine } = await started('ignores-term');
      await observeUntil(engine, 'j1', (container) => container?.started !== null);
      await engine.destroy('j1', { clean: false }, NEVER);
      expect(await stateOf(engine, 'j1')).toBe('absent');
      expect((await engine.observe(['j1'], NEVER)).namesInUse).not.toContain('j1');
      await engine.destroy('j1', { clean: false }, NEVER);
      await engine.destroy('j1', { clean: true }, NEVER);
      await engine.destroy('j2', { clean: false }, NEVER);
    });

    it('ends a clean one by asking', async () => {
      const { engine } = await started('ends-on-term');
      await observeUntil(engine, 'j1', (container) => container?.started !== null);
      await engine.destroy('j1', { clean: true }, NEVER);
      expect(await stateOf(engine, 'j1')).toBe('absent');
    });

    it('cuts a clean end short when it is to be destroyed at once', async () => {
      const { engine } = await started('ignores-term');
      await observeUntil(engine, 'j1', (container) => container?.started !== null);
      let over = false;
      const clean = engine.destroy('j1', { clean: true }, NEVER).finally(() => (over = true));
      expect(await stateOf(engine, 'j1')).toBe('running');
      expect(over).toBe(false);
      await engine.destroy('j1', { clean: false }, NEVER);
      await clean;
      expect(await stateOf(engine, 'j1')).toBe('absent');
    });

    it('can use a name again once it is free', async () => {
      const { engine, credential } = await started('exits-3');
      await observeUntil(engine, 'j1', (container) => container?.state === 'ended');
      await engine.destroy('j1', { clean: false }, NEVER);
      await engine.create(orderFor('j1'), NEVER);
      expect(await stateOf(engine, 'j1')).toBe('created');
      await engine.start('j1', registered('j1', credential('sleeps')), NEVER);
      expect(await stateOf(engine, 'j1')).toBe('running');
    });

    it('finds a running one again, sees its end and removes it, with a new engine object', async () => {
      const { engine, open } = await started('ends-on-term');
      const before = await observeUntil(engine, 'j1', (container) => container?.state === 'running');
      const next = open();
      const found = await observeUntil(next, 'j1', (container) => container?.state === 'running');
      expect(found?.startedAt).toBe(before?.startedAt);
      expect(found?.mark).toEqual(before?.mark);
      await next.destroy('j1', { clean: true }, NEVER);
      expect(await stateOf(next, 'j1')).toBe('absent');
      expect(await stateOf(engine, 'j1')).toBe('absent');
    });

    it('knows the exit status of one that ended while nobody looked', async () => {
      const { engine, open } = await started('exits-3');
      await observeUntil(engine, 'j1', (container) => container?.state === 'ended');
      const ended = await observeUntil(open(), 'j1', (container) => container?.state === 'ended');
      expect(ended?.exit?.code).toBe(3);
    });

    it('shows what carries our mark without a promise, and counts its subnet as used', async () => {
      const { open } = await make();
      const engine = open();
      await engine.create(orderFor('j1', { subnet: 177 }), NEVER);
      const unpromised = await open().observe([], NEVER);
      expect(unpromised.containers.map(({ name }) => name)).toEqual(['j1']);
      expect(unpromised.subnetsInUse).toContain(177);
      expect((await open().observe(['j1'], NEVER)).subnetsInUse).not.toContain(177);
      await engine.destroy('j1', { clean: false }, NEVER);
    });

    it('leaves alone what belongs to another controller, and does not use its name', async () => {
      const { engine, openStranger } = await started('sleeps');
      const stranger = openStranger();
      const look = await stranger.observe([], NEVER);
      expect(look.containers).toEqual([]);
      expect(look.namesInUse).toContain('j1');
      await expect(stranger.create(orderFor('j1'), NEVER)).rejects.toMatchObject({ code: 'exists' });
      await expect(stranger.destroy('j1', { clean: false }, NEVER)).rejects.toMatchObject({
        code: 'foreign',
      });
      expect(await stateOf(engine, 'j1')).toBe('running');
    });

    it('tells every listener that one ended, and none that has gone', async () => {
      const host = await make();
      const engine = host.open();
      let gone = 0;
      engine.watch(() => (gone += 1))[Symbol.dispose]();
      await engine.create(orderFor('j1'), NEVER);
      const told = new Promise<void>((resolve) => {
        const watch = engine.watch(resolve);
        onTestFinished(() => watch[Symbol.dispose]());
      });
      await engine.start('j1', registered('j1', host.credential('exits-3')), NEVER);
      await told;
      expect(gone).toBe(0);
      await engine.destroy('j1', { clean: false }, NEVER);
    });

    it('does nothing for a caller that has given up', async () => {
      const { open, credential } = await make();
      const engine = open();
      const given = AbortSignal.abort();
      await expect(engine.observe([], given)).rejects.toBeInstanceOf(Error);
      await expect(engine.create(orderFor('j1'), given)).rejects.toBeInstanceOf(Error);
      expect((await engine.observe([], NEVER)).namesInUse).not.toContain('j1');
      await engine.create(orderFor('j1'), NEVER);
      await expect(engine.start('j1', registered('j1', credential('sleeps')), given)).rejects.toBeInstanceOf(
        Error,
      );
      await expect(engine.destroy('j1', { clean: false }, given)).rejects.toBeInstanceOf(Error);
      expect(await stateOf(engine, 'j1')).toBe('created');
      await engine.destroy('j1', { clean: false }, NEVER);
    });

    it('looks after several at once', async () => {
      const { open, credential } = await make();
      const engine = open();
      const names = Array.from({ length: 7 }, (_, n) => `j${n}`);
      await Promise.all(
        names.map(async (name, n) => {
          await engine.create(orderFor(name, { subnet: 100 + n }), NEVER);
          await engine.start(name, registered(name, credential('sleeps')), NEVER);
        }),
      );
      const { containers } = await engine.observe(names, NEVER);
      expect(containers.map(({ state }) => state)).toEqual(names.map(() => 'running'));
      await Promise.all(names.map((name) => engine.destroy(name, { clean: false }, NEVER)));
      expect((await engine.observe(names, NEVER)).containers).toEqual([]);
    });
  });
}
