import { systemClock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { messageOf } from '../core/errors.ts';
import { EMPTY_STATE } from '../core/model.ts';
import { clean } from '../core/text.ts';
import { createEngine } from '../engine/index.ts';
import type { Sources, Waiting } from '../operator/sources.ts';
import { readControllerId } from '../store/controller-id.ts';
import { isDraining } from '../store/drain.ts';
import { readLedger } from '../store/ledger.ts';
import { createLogger, logWith } from '../telemetry/logger.ts';
import { openGithub } from './github.ts';
import { policyOf, scopesOf } from './policy.ts';
import { systemRandom } from './random.ts';
import { whyNotStarted } from './why-not-started.ts';

/** `required`: a ledger that cannot be read is a failure. `optional`: it counts as empty, and is told as a problem. */
export type LedgerNeed = 'required' | 'optional';

/** No runner or container has this id; it stands in where none was made yet. */
const NO_ID = '----';

/** Every source, opened to be read, and what of our own state could not be. */
export async function openSources(
  config: Config,
  ledger: LedgerNeed,
  waiting: Waiting,
): Promise<Sources & { readonly problems: readonly string[] }> {
  const log = logWith(createLogger({ logLevel: 'silent', logFormat: 'json' }));
  const problems: string[] = [];
  const read = async <T>(ask: () => Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await ask();
    } catch (error) {
      if (ledger === 'required') throw whyNotStarted(error);
      problems.push(clean(messageOf(error)));
      return otherwise;
    }
  };
  const controllerId = await read(() => readControllerId(config.stateDir), null);
  const state = await read(() => readLedger(config.stateDir, systemClock), EMPTY_STATE);
  const id = controllerId ?? NO_ID;
  return {
    controllerId,
    policy: policyOf(config, id),
    scopes: scopesOf(config),
    state,
    github: openGithub(config, systemClock, log),
    engine: createEngine({ config, controllerId: id, clock: systemClock, log }),
    clock: systemClock,
    random: systemRandom,
    isDraining: () => isDraining(config.stateDir),
    waiting,
    problems,
  };
}
