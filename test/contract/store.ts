import { describe, expect, it } from 'vitest';

import type { State } from '../../src/core/model.ts';
import { EMPTY_STATE } from '../../src/core/model.ts';
import type { Store } from '../../src/core/ports.ts';

/** Opens a store; `reopen` gives the store that the next process would see, or null where there is none. */
export interface StoreFactory {
  readonly open: () => Promise<Store>;
  readonly reopen: (() => Promise<Store>) | null;
}

/** A state that is told from others by one number. */
export function numbered(n: number): State {
  return { ...EMPTY_STATE, answeredAt: { 'o/r': n } };
}

/** The number of such a state; 0 of the empty one. */
export function numberOf({ answeredAt }: State): number {
  return answeredAt['o/r'] ?? 0;
}

/** What every `Store` must show. */
export function describeStore(name: string, make: () => Promise<StoreFactory>): void {
  describe(`store contract: ${name}`, () => {
    it('is empty at first', async () => {
      const { open } = await make();
      expect((await open()).state).toEqual(EMPTY_STATE);
    });

    it('shows what was saved once the save has resolved, and not before', async () => {
      const { open } = await make();
      const store = await open();
      const saving = store.save(numbered(1));
      expect(store.state).toEqual(EMPTY_STATE);
      await saving;
      expect(store.state).toEqual(numbered(1));
    });

    it('ends with the newest of saves that overlap, each resolved with its state or a newer one', async () => {
      const { open } = await make();
      const store = await open();
      const seen = await Promise.all(
        Array.from({ length: 50 }, async (_, n) => {
          await store.save(numbered(n));
          return numberOf(store.state) >= n;
        }),
      );
      expect(seen).not.toContain(false);
      expect(store.state).toEqual(numbered(49));
    });

    it('never goes back to an older state', async () => {
      const { open } = await make();
      const store = await open();
      const states: number[] = [];
      for (let n = 0; n < 20; n += 1) {
        void store.save(numbered(2 * n)).then(() => states.push(numberOf(store.state)));
        await store.save(numbered(2 * n + 1));
        states.push(numberOf(store.state));
      }
      expect(states).toEqual([...states].sort((a, b) => a - b));
    });

    it('gives the next process what was saved, where it keeps anything', async () => {
      const { open, reopen } = await make();
      const store = await open();
      await store.save(numbered(7));
      expect((await (reopen?.() ?? store)).state).toEqual(numbered(7));
    });
  });
}
