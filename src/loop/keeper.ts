import { applyAll } from '../core/apply/apply.ts';
import type { Change } from '../core/change.ts';
import type { State } from '../core/model.ts';
import type { Store } from '../core/ports.ts';
import type { Events } from '../telemetry/events.ts';

/** What the keeper is made of. */
export interface KeeperOptions {
  readonly store: Store;
  readonly events: Events;
  /** Called after each change that says more than that GitHub has answered. */
  readonly changed: (change: Change) => void;
}

/** The state as it is, and whether it is stored so. */
export class Keeper {
  readonly #options: KeeperOptions;
  #state: State;
  #dirty = false;

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#state = options.store.state;
  }

  get state(): State {
    return this.#state;
  }

  /** Applies changes at once; `save` stores them. */
  apply(changes: readonly Change[]): void {
    const { events, changed } = this.#options;
    const before = this.#state;
    this.#state = applyAll(before, changes, (change, one) => events.changed(change, one));
    const news = changes.filter(({ kind }) => kind !== 'answered');
    if (news.length > 0 || !sameInstances(before, this.#state)) this.#dirty = true;
    for (const change of news) changed(change);
  }

  /** Stores what is not stored yet. Whether everything is. */
  async save(): Promise<boolean> {
    if (!this.#dirty) return true;
    const saving = this.#state;
    try {
      await this.#options.store.save(saving);
      if (this.#state === saving) this.#dirty = false;
      return true;
    } catch (error) {
      this.#options.events.saveFailed(error);
      return false;
    }
  }
}

/** Whether no instance changed: an answer that put off no time-out is not worth a write to disk. */
function sameInstances(a: State, b: State): boolean {
  return a.instances.every((one, at) => one === b.instances[at]);
}
