import type { GithubLook, HostLook, Millis, Seen } from '../core/model.ts';
import type { Clock, Engine, Github } from '../core/ports.ts';

/** No look takes longer; what has not answered by then counts as unanswered. */
const GITHUB_LOOK: Millis = 120_000;
const HOST_LOOK: Millis = 30_000;

/** One look at GitHub. Never throws: a failure is a look that read nothing. */
export async function lookAtGithub(
  github: Github,
  scopes: readonly string[],
  clock: Clock,
  signal: AbortSignal,
): Promise<GithubLook> {
  const askedAt = clock.now();
  try {
    return await github.look(AbortSignal.any([signal, AbortSignal.timeout(GITHUB_LOOK)]));
  } catch (error) {
    const why = wordsOf(error);
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
export async function lookAtHost(
  engine: Engine,
  promised: readonly string[],
  signal: AbortSignal,
): Promise<Seen<HostLook>> {
  try {
    const value = await engine.look(promised, AbortSignal.any([signal, AbortSignal.timeout(HOST_LOOK)]));
    return { ok: true, value };
  } catch (error) {
    return { ok: false, why: wordsOf(error) };
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
