import { systemClock } from '../../src/clock.ts';
import { openLedger } from '../../src/store/ledger.ts';
import { createMemoryStore } from './memory-store.ts';
import { describeStore } from './store.ts';
import { makeTempDirectory } from './tmp.ts';

describeStore('ledger', async () => {
  const stateDir = await makeTempDirectory();
  return { open: () => openLedger(stateDir, systemClock), reopen: () => openLedger(stateDir, systemClock) };
});

describeStore('memory', () =>
  Promise.resolve({ open: () => Promise.resolve(createMemoryStore()), reopen: null }),
);
