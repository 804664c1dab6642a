import { withDeadline } from '../abort.ts';
import type { GithubObservation, HostObservation, Seen } from '../core/observation.ts';
import type { Millis } from '../core/model.ts';
import type { Clock, Engine, Github } from '../core/ports.ts';
import { messageOf } from '../core/errors.ts';

/** No look takes longer; what has not answered by then counts as unanswered. */
const GITHUB_LOOK: Millis = 120_000;
const HOST_LOOK: Millis = 30_000;

/** One look at GitHub. Never throws: a failure is a look that read nothing. */
export async function observeGithub(
  github: Github,
  scopes: readonly string[],
  clock: Clock,
  signal: AbortSignal,
): Promise<GithubObservation> {
  const askedAt = clock.now();
  try {
    return await withDeadline(signal, GITHUB_LOOK, (limit) => github.observe(limit));
  } catch (error) {
    const why = messageOf(error);
    return {
      askedAt,
      scopes,
      jobs: [],
      runners: [],
      unread: scopes.flatMap((scope) => [
        { scope, what: 'jobs', runId: null, why } as const,
        { scope, what: 'runners', runId: null, why } as const,
      ]),
      trouble: { kind: 'github-unreachable', why },
    };
  }
}

/** One look at the host. A failure is an unanswered question, never an empty host. */
export async function observeHost(
  engine: Engine,
  promised: readonly string[],
  signal: AbortSignal,
): Promise<Seen<HostObservation>> {
  try {
    const value = await withDeadline(signal, HOST_LOOK, (limit) => engine.observe(promised, limit));
    return { ok: true, value };
  } catch (error) {
    return { ok: false, why: messageOf(error) };
  }
}
