/** A controller that kills itself, as `kill -9` would, before or after its n-th effect: `crash-entry.ts N before|after`. */
import { hostname } from 'node:os';

import { openApp } from '../../src/app.ts';
import { systemClock } from '../../src/clock.ts';
import { loadConfig } from '../../src/config/config.ts';
import type { Engine, Github, Store } from '../../src/core/ports.ts';
import { createEngine } from '../../src/engine/index.ts';
import { loadControllerId } from '../../src/store/controller-id.ts';
import { openLedger } from '../../src/store/ledger.ts';
import { acquireLock } from '../../src/store/lock.ts';
import { githubWith, NO_LIMITS } from '../support/in-process.ts';

const [count = '1', when = 'before'] = process.argv.slice(2);
let left = Number(count);

/** Runs one effect, unless this is where the process dies. */
async function effect<T>(act: () => Promise<T>): Promise<T> {
  left -= 1;
  const last = left === 0;
  if (last && when === 'before') process.kill(process.pid, 'SIGKILL');
  const result = await act();
  if (last) process.kill(process.pid, 'SIGKILL');
  return result;
}

function crashingEngine(engine: Engine): Engine {
  return {
    observe: (promised, signal) => engine.observe(promised, signal),
    create: (order, signal) => effect(() => engine.create(order, signal)),
    start: (name, credential, signal) => effect(() => engine.start(name, credential, signal)),
    discardCredential: (name) => effect(() => engine.discardCredential(name)),
    destroy: (name, how, signal) => effect(() => engine.destroy(name, how, signal)),
    watch: (onChange) => engine.watch(onChange),
    doctor: (signal) => engine.doctor(signal),
  };
}

function crashingGithub(github: Github): Github {
  return {
    read: (part, rank, signal) => github.read(part, rank, signal),
    register: (order, signal) => effect(() => github.register(order, signal)),
    deregister: (scope, id, signal) => effect(() => github.deregister(scope, id, signal)),
    findRunner: (scope, name, signal) => github.findRunner(scope, name, signal),
    rateLimit: () => github.rateLimit(),
    requests: () => github.requests(),
  };
}

function crashingStore(store: Store): Store {
  return {
    get state() {
      return store.state;
    },
    save: (state) => effect(() => store.save(state)),
  };
}

const host = { hostname: hostname(), arch: process.arch, uid: process.getuid?.() ?? 0, stdoutIsTTY: false };
const config = loadConfig(undefined, process.env, host);
const log = (): void => undefined;
{
  // What `openApp` would make by itself needs the directory to exist.
  await using _lock = await acquireLock(config.stateDir);
  await loadControllerId(config.stateDir);
}
const controllerId = await loadControllerId(config.stateDir);
await using app = await openApp(config, log, {
  engine: crashingEngine(createEngine({ config, controllerId, clock: systemClock, log })),
  github: crashingGithub(githubWith(config, NO_LIMITS)),
  store: crashingStore(await openLedger(config.stateDir, systemClock)),
});
const stopping = new AbortController();
process.on('SIGTERM', () => stopping.abort());
await app.run(stopping.signal);
