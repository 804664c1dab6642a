import { EMPTY_STATE } from '../../../src/core/model.ts';
import { loadControllerId } from '../../../src/store/controller-id.ts';
import { setDraining } from '../../../src/store/drain.ts';
import { openLedger } from '../../../src/store/ledger.ts';

/** Makes every kind of file that a state directory holds, each once. */
const stateDir = process.argv[2] ?? '';
await loadControllerId(stateDir);
await (await openLedger(stateDir)).save({ ...EMPTY_STATE, answeredAt: 1 });
await setDraining(stateDir, true);
await setDraining(stateDir, false);
