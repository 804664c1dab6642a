import type { Millis, State } from '../../src/core/model.ts';
import { EMPTY_STATE } from '../../src/core/model.ts';
import type { Store } from '../../src/core/ports.ts';
import type { VirtualTime } from './time.ts';

/** How long a write takes to be safe. */
const WRITE: Millis = 2;

/**
 * A disk that outlives its controllers. It is memory, so that an hour costs no thousand fsyncs; what the ledger's file
 * does with a state is tested in `test/store`. A state is kept as its JSON, and a kill during a write leaves the old one.
 */
export class VirtualDisk {
  saves = 0;
  draining = false;
  readonly #time: VirtualTime;
  #text: string;

  constructor(time: VirtualTime, initial: State = EMPTY_STATE) {
    this.#time = time;
    this.#text = JSON.stringify(initial);
  }

  get state(): State {
    return JSON.parse(this.#text) as State;
  }

  /** The disk as a controller opens it. */
  open(): Store {
    let saved = this.state;
    const save = async (state: State): Promise<void> => {
      await this.#time.sleep(WRITE);
      this.#text = JSON.stringify(state);
      this.saves += 1;
      saved = state;
    };
    return {
      get state() {
        return saved;
      },
      save,
    };
  }
}
