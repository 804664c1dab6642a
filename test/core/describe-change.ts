import type { Change } from '../../src/core/change.ts';

/** One line for people: what changed, to whom, why. Names only, no strangers' text. */
export function describeChange(change: Change): string {
  switch (change.kind) {
    case 'reserve':
    case 'adopt':
      return `${change.kind} ${change.instance.name}`;
    case 'stop':
      return `stop ${change.name} ${change.reason}`;
    case 'rename':
      return `rename ${change.name} ${change.runnerName}`;
    case 'registered':
    case 'started':
    case 'ready':
    case 'online':
    case 'busy':
    case 'job':
    case 'over':
    case 'release':
      return `${change.kind} ${change.name}`;
    case 'failed':
      return `failed ${change.className}`;
    case 'orphan-found':
      return `orphan-found ${change.debt.runnerName}`;
    case 'failures-cleared':
      return `failures-cleared ${change.className}`;
    case 'settled':
      return `settled ${change.runnerName} ${change.hadJob ? 'had a job' : 'had none'}`;
    case 'debt-cleared':
    case 'refused':
    case 'claim-over':
      return `${change.kind} ${change.runnerName}`;
    case 'hold-released':
      return `hold-released ${change.jobId}`;
    case 'answered':
      return 'answered';
  }
}
