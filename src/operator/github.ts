import { Known } from '../core/known/known.ts';
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
  return known;
}
