import { Known } from '../core/known/known.ts';
import type { Millis } from '../core/model.ts';
import { STATUS_LISTS } from '../core/observation.ts';
import { concerns } from '../core/plan/classes.ts';
import { Poller } from '../loop/poller.ts';
import type { Sources } from './sources.ts';

/** Everything that GitHub says now, each part asked for once. */
export async function githubNow(
  { github, scopes, policy, clock, waiting }: Sources,
  signal: AbortSignal,
): Promise<Known> {
  const known = new Known(scopes, concerns(policy));
  const { pollInterval } = policy;
  const poller = new Poller({ github, clock, known, pollInterval, heard: () => undefined });
  await waiting('GitHub', poller.once(signal));
  if (signal.aborted) giveUp(known, clock.now());
  return known;
}

/** What was not answered before the signal fired is unread: no answer is not an empty one. */
function giveUp(known: Known, now: Millis): void {
  const unread = { askedAt: now, why: 'given up before GitHub answered', gone: false };
  for (const [scope, { lists, runners }] of known.scopes) {
    for (const list of STATUS_LISTS)
      if (lists[list].age.askedAt === null) known.unread({ kind: 'runs', scope, list }, unread, now);
    if (runners.age.askedAt === null) known.unread({ kind: 'runners', scope }, unread, now);
  }
}
