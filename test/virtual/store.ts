import type { Millis, State } from '../../src/core/model.ts';
import { EMPTY_STATE } from '../../src/core/model.ts';
import type { Clock, Store } from '../../src/core/ports.ts';
import { carriedOver } from '../../src/core/time/carry-over.ts';
import { instantOf, type Instant } from '../../src/core/time/instant.ts';
import type { VirtualTime } from './time.ts';

/** How long a write takes to be safe. */
const WRITE: Millis = 2;

/**
 * A disk that outlives its controllers. It is memory, so that an hour costs no thousand fsyncs; what the ledger's file
 * does with a state is tested in `test/store`. Who opens it gets what JSON keeps of a state, and a kill during a write leaves
 * the old one.
 */
export class VirtualDisk {
  saves = 0;
  draining = false;
  readonly #time: VirtualTime;
  readonly #clock: Clock;
  #kept: State;
  #keptAt: Instant;

  constructor(time: VirtualTime, clock: Clock, initial: State = EMPTY_STATE) {
    this.#time = time;
    this.#clock = clock;
    this.#kept = initial;
    this.#keptAt = instantOf(clock);
  }

  get state(): State {
    const kept = JSON.parse(JSON.stringify(this.#kept)) as State;
    return carriedOver(kept, this.#keptAt, instantOf(this.#clock));
  }

  /** The disk as a controller opens it. */
  open(): Store {
    let saved = this.state;
    const save = async (state: State): Promise<void> => {
      await this.#time.sleep(WRITE);
      this.#kept = state;
      this.#keptAt = instantOf(this.#clock);
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
