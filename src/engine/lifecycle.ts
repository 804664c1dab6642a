import { mkdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';

import { whenAborted } from '../abort.ts';
import { EngineError, hasCode } from '../core/errors.ts';
import type { Container, HostObservation } from '../core/observation.ts';
import type { ContainerOrder, Engine, Finding, Registered } from '../core/ports.ts';
import { ChangeWatch } from './change-watch.ts';
import { attempt } from './failure.ts';

/** The directories of one container that the lifecycle itself makes or watches. */
interface ContainerPaths {
  /** The parent of all instance directories. */
  readonly instances: string;
  /** The instance directory: whoever makes it has the name. */
  readonly root: string;
  readonly signals: string;
}

/**
 * What this controller is doing to containers, by name: what is seen of them means less. It changes while a driver looks
 * at it, so that something that began during an observation can still be told after it.
 */
export interface InProgress {
  /** There on the disk, and not to be believed yet. */
  readonly making: Pick<ReadonlySet<string>, 'has' | 'keys'>;
  readonly starting: Pick<ReadonlySet<string>, 'has' | 'keys'>;
  readonly ending: Pick<ReadonlySet<string>, 'has' | 'keys'>;
}

/**
 * How one sort of container is made and ended. The lifecycle says when: never two of these at a time for one name, but
 * for `observe` and `discardCredential`. Failures may be of any type; the lifecycle makes `EngineError`s of them.
 */
export interface ContainerDriver {
  paths(name: string): ContainerPaths;
  /** The controller whose mark the container carries; null: it has none. Synchronous. */
  ownerOf(name: string): string | null;
  observe(
    promised: ReadonlySet<string>,
    inProgress: InProgress,
    signal: AbortSignal,
  ): HostObservation | Promise<HostObservation>;
  /** What the owner of the host does for it with every observation, when this process is the owner. */
  maintain(containers: readonly Container[], inProgress: InProgress, signal: AbortSignal): Promise<void>;
  /** Throws `exists` unless the name is free on this host. */
  refuseNameInUse(name: string, signal: AbortSignal): Promise<void>;
  /** Fills the instance directory, which exists and is empty. What it leaves behind on failure, `remove` removes. */
  make(order: ContainerOrder, signal: AbortSignal): Promise<void>;
  /** Hands the credential over and starts the one boot; throws `exists` before its first `await` if it ran before. */
  start(name: string, registered: Registered, signal: AbortSignal): Promise<void>;
  discardCredential(name: string): Promise<void>;
  /**
   * Ends it and removes it. What has that name without being ours is left alone, and for us it is absent. `cut`: fires
   * when a clean end has to become a kill.
   */
  destroy(
    name: string,
    how: { readonly clean: boolean; readonly cut: AbortSignal },
    signal: AbortSignal,
  ): Promise<void>;
  /** Removes all that is left of a container that does not run. Absent is success. */
  remove(name: string, signal: AbortSignal): Promise<void>;
  /** Calls back when a container may have ended; also the names whose signals are to be watched from the start. */
  watch(onChange: () => void): { readonly names: readonly string[]; readonly watching: Disposable };
  doctor(signal: AbortSignal): Promise<readonly Finding[]>;
}

interface Starting {
  readonly done: Promise<void>;
  readonly cancel: AbortController;
}

interface Ending {
  readonly done: Promise<void>;
  readonly cut: AbortController;
}

/**
 * The life of containers, which is the same for every engine: the name is claimed by making a directory, a start can be
 * called off, an end that is under way is joined or cut short, what another controller owns is refused, and every
 * failure is an `EngineError` that names the container and what was tried.
 */
export class Lifecycle implements Engine {
  readonly #controllerId: string;
  readonly #driver: ContainerDriver;
  readonly #changes: ChangeWatch;
  readonly #making = new Set<string>();
  readonly #starting = new Map<string, Starting>();
  readonly #ending = new Map<string, Ending>();
  readonly #inProgress: InProgress = {
    making: this.#making,
    starting: this.#starting,
    ending: this.#ending,
  };

  /** `changes` may be shared with the driver, which then tells of ends that it notices itself. */
  constructor(controllerId: string, driver: ContainerDriver, changes: ChangeWatch = new ChangeWatch()) {
    this.#controllerId = controllerId;
    this.#driver = driver;
    this.#changes = changes;
  }

  async observe(promised: readonly string[], signal: AbortSignal): Promise<HostObservation> {
    signal.throwIfAborted();
    return attempt('This host cannot be read', async () => {
      const seen = await this.#driver.observe(new Set(promised), this.#inProgress, signal);
      // Beside the service, a second process may observe too: the host is the service's to keep, and only it watches.
      if (this.#changes.listening) {
        this.#changes.keep(new Set(seen.namesInUse));
        for (const { name } of seen.containers) if (!this.#ending.has(name)) this.#watchSignals(name);
        await this.#driver.maintain(seen.containers, this.#inProgress, signal);
      }
      return seen;
    });
  }

  async create(order: ContainerOrder, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { name } = order;
    await attempt(`${name} could not be created`, async () => {
      const { instances, root } = this.#driver.paths(name);
      await mkdir(instances, { recursive: true, mode: 0o700 });
      // Nothing may be made, and nothing removed again, under a name that is somebody else's.
      await this.#driver.refuseNameInUse(name, signal);
      // Not recursive: a directory that is there belongs to whoever has the name. Synchronous, so that no observation
      // comes between the directory and the note that it is being made.
      claim(root);
      this.#making.add(name);
      try {
        await this.#driver.make(order, signal);
        this.#watchSignals(name);
      } catch (error) {
        await this.#driver.remove(name, new AbortController().signal).catch(() => undefined);
        throw error;
      } finally {
        this.#making.delete(name);
      }
    });
  }

  async start(name: string, registered: Registered, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await attempt(`${name} could not be started`, () => {
      const owner = this.#driver.ownerOf(name);
      if (owner === null) throw new EngineError('absent', 'it was never created');
      this.#refuseForeign(name, owner);
      if (this.#starting.has(name)) throw new EngineError('exists', 'its start is under way');
      const cancel = new AbortController();
      const forget = whenAborted(signal, (reason) => cancel.abort(reason));
      const done = this.#driver.start(name, registered, cancel.signal).finally(() => {
        forget();
        this.#starting.delete(name);
      });
      this.#starting.set(name, { done, cancel });
      return done;
    });
  }

  async discardCredential(name: string): Promise<void> {
    await attempt(`The credential of ${name} could not be removed`, () =>
      this.#driver.discardCredential(name),
    );
  }

  async destroy(name: string, how: { readonly clean: boolean }, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    let ending = this.#ending.get(name);
    if (ending === undefined) {
      const cut = new AbortController();
      const done = this.#destroy(name, { clean: how.clean, cut: cut.signal }, signal).finally(() =>
        this.#ending.delete(name),
      );
      ending = { done, cut };
      this.#ending.set(name, ending);
    } else if (!how.clean) {
      ending.cut.abort();
    }
    const { done } = ending;
    await attempt(`${name} could not be destroyed`, () => done);
  }

  watch(onChange: () => void): Disposable {
    const listening = this.#changes.listen(onChange);
    const { names, watching } = this.#driver.watch(onChange);
    for (const name of names) this.#watchSignals(name);
    return {
      [Symbol.dispose]() {
        listening[Symbol.dispose]();
        watching[Symbol.dispose]();
      },
    };
  }

  async doctor(signal: AbortSignal): Promise<readonly Finding[]> {
    signal.throwIfAborted();
    return this.#driver.doctor(signal);
  }

  async #destroy(
    name: string,
    how: { readonly clean: boolean; readonly cut: AbortSignal },
    signal: AbortSignal,
  ): Promise<void> {
    const owner = this.#driver.ownerOf(name);
    if (owner !== null) this.#refuseForeign(name, owner);
    await this.#callOffStart(name);
    await this.#driver.destroy(name, how, signal);
    this.#changes.remove(name);
  }

  /** Otherwise what the start makes could appear after the last search for it. What it has made by then is ended next. */
  async #callOffStart(name: string): Promise<void> {
    const starting = this.#starting.get(name);
    starting?.cancel.abort();
    await starting?.done.catch(() => undefined);
  }

  #watchSignals(name: string): void {
    this.#changes.add(name, this.#driver.paths(name).signals);
  }

  #refuseForeign(name: string, owner: string): void {
    if (owner === this.#controllerId) return;
    throw new EngineError('foreign', `${name} belongs to another controller (id ${owner}) and is left alone`);
  }
}

function claim(root: string): void {
  try {
    mkdirSync(root, { mode: 0o700 });
  } catch (error) {
    if (hasCode(error, 'EEXIST')) throw new EngineError('exists', 'its directory exists', { cause: error });
    throw error;
  }
}
