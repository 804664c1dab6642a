import type { Change } from '../change.ts';
import type { Effect } from '../effect.ts';
import type { Plan } from './plan.ts';

/** One thing that the next tick would do. */
export interface Action {
  readonly action: string;
  readonly name: string;
  readonly why: string;
}

/** The plan in an operator's words, in the order in which it would happen. */
export function actionsOf(decided: Plan): readonly Action[] {
  return [...decided.changes.flatMap(ofChange), ...decided.effects.flatMap(ofEffect)];
}

function ofChange(change: Change): readonly Action[] {
  switch (change.kind) {
    case 'reserve': {
      const { name, forJob, className } = change.instance;
      return [{ action: 'make', name, why: `for job ${forJob}, class ${className}` }];
    }
    case 'adopt':
      return [{ action: 'adopt', name: change.instance.name, why: 'ours, and not in the ledger' }];
    case 'stop':
      return [{ action: 'stop', name: change.name, why: `${change.reason}: ${change.detail}` }];
    case 'release':
      return [{ action: 'release', name: change.name, why: 'gone from the host' }];
    case 'orphan-found':
      return [
        { action: 'owe', name: change.debt.runnerName, why: change.debt.reason ?? 'may be registered' },
      ];
    case 'failed':
      return [{ action: 'back-off', name: change.className, why: `in ${change.scope}: ${change.detail}` }];
    case 'answered':
    case 'rename':
    case 'registered':
    case 'started':
    case 'ready':
    case 'online':
    case 'busy':
    case 'claim-over':
    case 'over':
    case 'job':
    case 'debt-cleared':
    case 'refused':
    case 'hold-released':
    case 'settled':
    case 'failures-cleared':
      // Bookkeeping: what was seen, not what would be done.
      return [];
  }
}

function ofEffect(effect: Effect): readonly Action[] {
  switch (effect.kind) {
    case 'start':
      return [];
    case 'retire':
      return [{ action: 'retire', name: effect.name, why: effect.reason }];
    case 'destroy':
      return [{ action: 'destroy', name: effect.name, why: effect.clean ? 'clean stop' : 'at once' }];
    case 'deregister-orphan':
      return [{ action: 'deregister', name: effect.runnerName, why: 'its container is gone' }];
  }
}
