import type { State } from '../../src/core/model.ts';
import { EMPTY_STATE } from '../../src/core/model.ts';
import type { Store } from '../../src/core/ports.ts';

/** A store that forgets everything with the process. */
export function createMemoryStore(initial: State = EMPTY_STATE): Store {
  let saved = initial;
  return {
    get state() {
      return saved;
    },
    async save(state) {
      // Not at once: as with a disk, the state is the old one until the promise resolves.
      await Promise.resolve();
      saved = state;
    },
  };
}
