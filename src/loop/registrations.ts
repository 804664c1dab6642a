import { backoff } from '../core/backoff.ts';
import type { Change } from '../core/change.ts';
import { messageOf } from '../core/errors.ts';
import type { Debt, Instance, Millis, StopReason } from '../core/model.ts';
import { refusalWait } from '../core/plan/debts.ts';
import type { Github } from '../core/ports.ts';

/**
 * Asks GitHub to delete an instance's runner and returns what follows. If GitHub agrees, the instance is stopped. If
 * the runner is busy, it has just got a job and the instance goes on. Throws when GitHub gives no answer.
 */
export async function retire(
  github: Github,
  instance: Instance,
  reason: StopReason,
  now: () => Millis,
  signal: AbortSignal,
): Promise<readonly Change[]> {
  const { name, scope, runnerName } = instance;
  const runnerId = instance.runnerId ?? (await github.findRunner(scope, runnerName, signal))?.id ?? null;
  const answer = runnerId === null ? 'gone' : await github.deregister(scope, runnerId, signal);
  const at = now();
  if (answer === 'busy') return [{ kind: 'busy', name, at, job: null }];
  // A runner that was never listed may still register while it is being stopped, so it is left as a debt.
  const deregistered = runnerId !== null;
  return [{ kind: 'stop', name, reason, clean: false, detail: 'deregistered', at, deregistered }];
}

/**
 * Tries once to delete a registration that outlived its container. A failure leaves the debt, to be tried again
 * later.
 */
export async function deregisterOrphan(
  github: Github,
  debt: Debt,
  now: () => Millis,
  random: () => number,
  signal: AbortSignal,
): Promise<Change> {
  const { runnerName, scope } = debt;
  const tries = debt.attempts + 1;
  const failed = (reason: string, runnerId: number | null, wait: Millis): Change => ({
    kind: 'refused',
    runnerName,
    runnerId,
    reason,
    nextTry: now() + wait,
    attempt: true,
  });
  try {
    const runnerId = debt.runnerId ?? (await github.findRunner(scope, runnerName, signal))?.id ?? null;
    if (runnerId === null) return { kind: 'debt-cleared', runnerName };
    const answer = await github.deregister(scope, runnerId, signal);
    return answer === 'gone'
      ? { kind: 'debt-cleared', runnerName }
      : failed('GitHub refuses: busy', runnerId, refusalWait(tries, random()));
  } catch (error) {
    return failed(messageOf(error), debt.runnerId, backoff(tries, random()));
  }
}
