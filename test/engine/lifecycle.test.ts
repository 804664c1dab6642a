import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import type { ContainerOrder, Registered } from '../../src/core/ports.ts';
import type { ContainerDriver, InProgress } from '../../src/engine/lifecycle.ts';
import { Lifecycle } from '../../src/engine/lifecycle.ts';
import { makeTempDirectory } from '../contract/tmp.ts';

const NEVER = new AbortController().signal;
const OURS = 'abcdefgh12345678';
const REGISTERED: Registered = { runnerName: 'h-j1-abcdefgh', credential: { reveal: () => '{}' } };

function order(name: string): ContainerOrder {
  return { name, className: 'default', scope: 'o/r', subnet: 117, forJob: 1, forAttempt: 1, system: null };
}

/** A driver whose work stands still where a test wants to see what comes between. */
class SlowDriver implements ContainerDriver {
  readonly root: string;
  readonly owners = new Map<string, string>();
  /** What was done, in order. */
  readonly done: string[] = [];
  pause: (what: string, signal: AbortSignal) => Promise<void> = () => Promise.resolve();
  inProgress: InProgress | null = null;

  constructor(root: string) {
    this.root = root;
  }

  paths = (name: string) => ({
    instances: this.root,
    root: join(this.root, name),
    signals: join(this.root, name, 'signals'),
  });
  ownerOf = (name: string) => this.owners.get(name) ?? null;
  observe = async (_promised: ReadonlySet<string>, inProgress: InProgress, signal: AbortSignal) => {
    this.inProgress = inProgress;
    await this.pause('observe', signal);
    return { askedAt: 0, containers: [], namesInUse: [], subnetsInUse: [], freeDisk: null };
  };
  maintain = () => Promise.resolve();
  refuseNameInUse = () => Promise.resolve();
  make = async ({ name }: ContainerOrder, signal: AbortSignal) => {
    this.owners.set(name, OURS);
    await this.pause('make', signal);
    this.done.push(`make ${name}`);
  };
  start = async (name: string, _registered: Registered, signal: AbortSignal) => {
    await this.pause('start', signal);
    signal.throwIfAborted();
    this.done.push(`start ${name}`);
  };
  discardCredential = () => Promise.resolve();
  destroy = async (
    name: string,
    { clean, cut }: { readonly clean: boolean; readonly cut: AbortSignal },
    signal: AbortSignal,
  ) => {
    await this.pause('destroy', clean ? cut : signal);
    this.done.push(`destroy ${name}${clean && !cut.aborted ? ' clean' : ''}`);
    await this.remove(name);
  };
  remove = async (name: string) => {
    this.owners.delete(name);
    await rm(join(this.root, name), { recursive: true, force: true });
  };
  watch = () => ({ names: [], watching: { [Symbol.dispose]: () => undefined } });
  doctor = () => Promise.resolve([]);
}

async function open(): Promise<{ engine: Lifecycle; driver: SlowDriver }> {
  const driver = new SlowDriver(await makeTempDirectory());
  return { engine: new Lifecycle(OURS, driver), driver };
}

/** Lets one piece of work stand still: resolves once it does, and it goes on when released or called off. */
function standstill(driver: SlowDriver, where: string): { readonly reached: Promise<void>; release(): void } {
  let arrive = (): void => undefined;
  let release = (): void => undefined;
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  const released = new Promise<void>((resolve) => (release = resolve));
  driver.pause = async (what, signal) => {
    if (what !== where) return;
    arrive();
    await Promise.race([
      released,
      new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true })),
    ]);
  };
  return { reached: arrived, release };
}

it('shows to an observation under way what began since', async () => {
  const { engine, driver } = await open();
  await engine.create(order('j1'), NEVER);
  const still = standstill(driver, 'observe');
  const observed = engine.observe([], NEVER);
  await still.reached;
  expect(driver.inProgress?.ending.has('j1')).toBe(false);
  const { pause } = driver;
  const ending = standstill(driver, 'destroy');
  const destroyed = engine.destroy('j1', { clean: false }, NEVER);
  await ending.reached;
  expect(driver.inProgress?.ending.has('j1')).toBe(true);
  driver.pause = pause;
  ending.release();
  await destroyed;
  expect(driver.inProgress?.ending.has('j1')).toBe(false);
  still.release();
  await observed;
});

it('calls a start off when its container is to end, and destroys after it', async () => {
  const { engine, driver } = await open();
  await engine.create(order('j1'), NEVER);
  const still = standstill(driver, 'start');
  const started = engine.start('j1', REGISTERED, NEVER);
  await still.reached;
  const [start] = await Promise.allSettled([started, engine.destroy('j1', { clean: false }, NEVER)]);
  expect(start).toMatchObject({ status: 'rejected', reason: { name: 'EngineError' } });
  expect(driver.done).toEqual(['make j1', 'destroy j1']);
});

it('starts a container once at a time', async () => {
  const { engine, driver } = await open();
  await engine.create(order('j1'), NEVER);
  const still = standstill(driver, 'start');
  const started = engine.start('j1', REGISTERED, NEVER);
  await still.reached;
  await expect(engine.start('j1', REGISTERED, NEVER)).rejects.toMatchObject({ code: 'exists' });
  still.release();
  await started;
  expect(driver.done).toEqual(['make j1', 'start j1']);
});

it('joins an end that is under way, and cuts a clean one short', async () => {
  const { engine, driver } = await open();
  await engine.create(order('j1'), NEVER);
  const still = standstill(driver, 'destroy');
  const clean = engine.destroy('j1', { clean: true }, NEVER);
  await still.reached;
  await Promise.all([clean, engine.destroy('j1', { clean: false }, NEVER)]);
  expect(driver.done).toEqual(['make j1', 'destroy j1']);
});

it('undoes what it could not make, and gives the name back', async () => {
  const { engine, driver } = await open();
  driver.pause = (what) => (what === 'make' ? Promise.reject(new Error('no')) : Promise.resolve());
  await expect(engine.create(order('j1'), NEVER)).rejects.toThrow('j1 could not be created: no');
  driver.pause = () => Promise.resolve();
  await engine.create(order('j1'), NEVER);
  expect(driver.done).toEqual(['make j1']);
});

it('leaves a directory alone that is somebody else’s', async () => {
  const { engine, driver } = await open();
  await mkdir(join(driver.root, 'j1'));
  await expect(engine.create(order('j1'), NEVER)).rejects.toMatchObject({ code: 'exists' });
  await engine.create(order('j2'), NEVER);
  expect(driver.done).toEqual(['make j2']);
});

it('neither starts nor ends what belongs to another controller', async () => {
  const { engine, driver } = await open();
  driver.owners.set('j1', 'zzzzzzzz99999999');
  await expect(engine.start('j1', REGISTERED, NEVER)).rejects.toMatchObject({ code: 'foreign' });
  await expect(engine.destroy('j1', { clean: false }, NEVER)).rejects.toMatchObject({ code: 'foreign' });
  expect(driver.done).toEqual([]);
});
