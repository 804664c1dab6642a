import { openGithub, policyOf } from '../app.ts';
import { systemClock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { Policy } from '../core/policy.ts';
import type { State } from '../core/model.ts';
import { EMPTY_STATE } from '../core/model.ts';
import type { Engine, Github } from '../core/ports.ts';
import { createEngine } from '../engine/index.ts';
import { readControllerId } from '../store/controller-id.ts';
import { readLedger } from '../store/ledger.ts';
import { createLogger, logWith } from '../telemetry/logger.ts';
import { startFailure } from './failure.ts';
import { messageOf } from '../core/errors.ts';
import { clean } from '../core/text.ts';

/** Everybody who can be asked, for commands that take no lock and store nothing. */
export interface Witnesses {
  /** Null: no controller ever ran here, so nothing is ours. */
  readonly controllerId: string | null;
  readonly policy: Policy;
  readonly state: State;
  readonly github: Github;
  readonly engine: Engine;
}

/** No runner or container has this id; it stands in where none was made yet. */
const NO_ID = '----';

/**
 * Opens the witnesses read-only.
 * @param ledger `required`: a ledger that cannot be read fails; `optional`: it is as if empty, and `warn` is told
 */
export async function openWitnesses(
  config: Config,
  ledger: 'required' | 'optional',
  warn: (line: string) => void,
): Promise<Witnesses> {
  const log = logWith(createLogger({ level: 'silent', format: 'json' }));
  const controllerId = await read(() => readControllerId(config.stateDir), null, ledger, warn);
  const state = await read(() => readLedger(config.stateDir), EMPTY_STATE, ledger, warn);
  const id = controllerId ?? NO_ID;
  return {
    controllerId,
    policy: policyOf(config, id),
    state,
    github: openGithub(config, systemClock, log),
    engine: createEngine({ config, controllerId: id, clock: systemClock, log }),
  };
}

async function read<T>(
  ask: () => Promise<T>,
  otherwise: T,
  ledger: 'required' | 'optional',
  warn: (line: string) => void,
): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (ledger === 'required') throw startFailure(error);
    warn(`warning: ${clean(messageOf(error))}`);
    return otherwise;
  }
}
