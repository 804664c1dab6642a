import { messageOf } from '../core/errors.ts';
import type { Instance, Millis } from '../core/model.ts';
import type { Container } from '../core/observation.ts';
import type { Clock, Engine, Github } from '../core/ports.ts';

/** A clean stop has this long before it is cut short. */
const PATIENCE: Millis = 10_000;
/** GitHub is best effort here, the host is not. */
const DEREGISTER: Millis = 5_000;

/** What it takes to end a container beside a controller that may be down or wedged. */
export interface EndingDeps {
  readonly github: Github;
  readonly engine: Engine;
  readonly clock: Clock;
  /** The ledger's, as far as it could be read. */
  readonly instances: readonly Instance[];
  /** Told at once why GitHub did not let a runner go. */
  readonly notDeregistered: (container: string, why: string) => void;
}

/**
 * Ends one container in an emergency: deregisters, so that no job comes in between, then stops it, and kills what does
 * not end in time. What GitHub does not agree to now, the controller deletes when it runs again.
 * Null once it is gone; otherwise why it is not.
 */
export async function endContainer(
  deps: EndingDeps,
  container: Container,
  signal: AbortSignal,
): Promise<string | null> {
  await deregister(deps, container, signal);
  try {
    await destroy(deps, container.name, signal);
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

async function deregister(
  { github, instances, notDeregistered }: EndingDeps,
  { name, mark }: Container,
  signal: AbortSignal,
): Promise<void> {
  const instance = instances.find((one) => one.name === name);
  const known = instance ?? mark;
  // Without a name it never booted: a registration that GitHub lists all the same is found as an orphan.
  if (known === null || known.runnerName === null) return;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(DEREGISTER)]);
  try {
    const runnerId =
      instance?.runnerId ?? (await github.findRunner(known.scope, known.runnerName, limit))?.id ?? null;
    if (runnerId !== null) await github.deregister(known.scope, runnerId, limit);
  } catch (error) {
    notDeregistered(name, messageOf(error));
  }
}

/** Asks first, so that the runner can report its job as cancelled. */
async function destroy({ engine, clock }: EndingDeps, name: string, signal: AbortSignal): Promise<void> {
  const ended = engine.destroy(name, { clean: true }, signal);
  const patience = new AbortController();
  const late = clock.sleep(PATIENCE, patience.signal).then(() => 'late' as const);
  try {
    if ((await Promise.race([ended, late])) === 'late') await engine.destroy(name, { clean: false }, signal);
    await ended;
  } finally {
    patience.abort();
  }
}
