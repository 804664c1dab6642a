/**
 * The composition root: every part is opened here, in order, and handed to those that need it. Nothing in this folder
 * decides anything. It may import every folder but `cli` and the simulator, and `src/app.ts` is the only file that others
 * import. Start reading here, which is the service; `read-only.ts` opens the same parts for commands beside it.
 */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

import { systemClock } from '../clock.ts';
import { Closing } from '../closing.ts';
import type { Config } from '../config/config.ts';
import type { Clock, Engine, Github, Store } from '../core/ports.ts';
import { healthReasons, statusView } from '../core/view.ts';
import { createEngine } from '../engine/index.ts';
import type { ControlDeps } from '../http/control.ts';
import { buildControl, listenControl } from '../http/control.ts';
import { buildServer } from '../http/server.ts';
import { Loop } from '../loop/loop.ts';
import { Operator } from '../loop/operator.ts';
import { loadControllerId } from '../store/controller-id.ts';
import { isDraining, setDraining } from '../store/drain.ts';
import { openLedger } from '../store/ledger.ts';
import { acquireLock } from '../store/lock.ts';
import { createEvents } from '../telemetry/events.ts';
import type { Log } from '../telemetry/logger.ts';
import { openGithub } from './github.ts';
import { policyOf, scopesOf } from './policy.ts';
import { systemRandom } from './random.ts';
import { readVersion } from './version.ts';

/** What a test may bring of its own. */
export interface Overrides {
  readonly clock?: Clock;
  readonly github?: Github;
  readonly engine?: Engine;
  readonly store?: Store;
}

/** A whole controller, listening and not yet running. */
export interface App extends AsyncDisposable {
  /** Where the read-only API answers. */
  readonly url: string;
  readonly loop: Loop;
  /** False once no tick has ended for too long: whoever supervises should start it anew. */
  isAlive(): boolean;
  /** Runs until the signal fires. */
  run(signal: AbortSignal): Promise<void>;
}

/** Opens every part in order; what was opened is closed again when a later part fails. */
export async function openController(config: Config, log: Log, overrides: Overrides = {}): Promise<App> {
  const opened = new Closing();
  try {
    return await openParts(config, log, overrides, opened);
  } catch (error) {
    // What keeps it from starting is the news, not that a part of it would not close.
    await opened[Symbol.asyncDispose]().catch((closing: unknown) =>
      log('warn', 'closing failed', { err: closing }),
    );
    throw error;
  }
}

async function openParts(config: Config, log: Log, overrides: Overrides, opened: Closing): Promise<App> {
  const clock = overrides.clock ?? systemClock;
  const lock = await acquireLock(config.stateDir);
  opened.add(() => lock[Symbol.asyncDispose]());
  const store = overrides.store ?? (await openLedger(config.stateDir, clock));
  const controllerId = await loadControllerId(config.stateDir);
  const github = overrides.github ?? openGithub(config, clock, log);
  const engine = overrides.engine ?? createEngine({ config, controllerId, clock, log });
  const policy = policyOf(config, controllerId);
  const version = readVersion();
  const loop = new Loop({
    policy,
    scopes: scopesOf(config),
    clock,
    random: systemRandom,
    store,
    github,
    engine,
    drain: {
      read: () => isDraining(config.stateDir),
      set: (on) => setDraining(config.stateDir, on),
    },
    events: createEvents(log),
    concurrency: Math.max(2, availableParallelism()),
    version,
  });
  const operator = new Operator(loop, github, clock);
  const deps: ControlDeps = {
    status: () => statusView(loop.moment(), policy),
    health: () => healthReasons(loop.moment(), policy),
    log,
    stop: (name, now) => operator.stop(name, now),
    drain: (on) => loop.setDraining(on),
    cleanup: () => operator.cleanup(),
  };
  const control = buildControl(deps);
  opened.add(() => control.close());
  await listenControl(control, join(config.runtimeDir, 'control.sock'));
  const server = buildServer(deps);
  opened.add(() => server.close());
  const url = await server.listen({ host: config.httpHost, port: config.httpPort });
  for (const warning of config.warnings) log('warn', 'configuration', { warning });
  log('info', 'listening', { url, version });
  return {
    url,
    loop,
    isAlive: () => !healthReasons(loop.moment(), policy).includes('loop-stalled'),
    run: (signal) => loop.run(signal),
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}
