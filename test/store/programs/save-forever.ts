import { systemClock } from '../../../src/clock.ts';
import { EMPTY_STATE } from '../../../src/core/model.ts';
import { openLedger } from '../../../src/store/ledger.ts';

/** Saves one state after another and says each number once it is durable. The padding makes a write take several calls. */
const ledger = await openLedger(process.argv[2] ?? '', systemClock);
const padding = Array.from({ length: 400 }, (_, n) => ({
  className: `class-${n}`,
  scope: 'o/r',
  shape: '',
  count: 1,
  lastAt: n,
  thirdAt: null,
  until: n,
  detail: 'x'.repeat(500),
}));
process.stdout.write('open\n');
for (let n = (ledger.state.answeredAt['o/r'] ?? 0) + 1; ; n += 1) {
  await ledger.save({ ...EMPTY_STATE, failures: padding, answeredAt: { 'o/r': n } });
  process.stdout.write(`${n}\n`);
}
