import { withDeadline } from '../abort.ts';
import { messageOf } from '../core/errors.ts';
import type { Millis } from '../core/model.ts';
import type { GithubObservation, HostObservation, Seen } from '../core/observation.ts';
import type { Clock, Engine, Github } from '../core/ports.ts';

/** The time-outs of one poll of GitHub and of one observation of the host. */
const GITHUB_TIMEOUT: Millis = 120_000;
const HOST_TIMEOUT: Millis = 30_000;

/** Polls GitHub once. Never throws: a failure is an observation in which everything is unread. */
export async function observeGithub(
  github: Github,
  scopes: readonly string[],
  clock: Clock,
  signal: AbortSignal,
): Promise<GithubObservation> {
  const askedAt = clock.now();
  try {
    return await withDeadline(signal, GITHUB_TIMEOUT, (limit) => github.observe(limit));
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

/** Observes the host once. A failure is told as such; it never counts as a host without containers. */
export async function observeHost(
  engine: Engine,
  promised: readonly string[],
  signal: AbortSignal,
): Promise<Seen<HostObservation>> {
  try {
    const value = await withDeadline(signal, HOST_TIMEOUT, (limit) => engine.observe(promised, limit));
    return { ok: true, value };
  } catch (error) {
    return { ok: false, why: messageOf(error) };
  }
}
