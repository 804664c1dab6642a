import type { Millis } from '../../src/core/model.ts';
import type { JobSignal } from '../../src/core/observation.ts';
import type { JobMessage, RunnerSessions } from '../../src/simulator/runner/sessions.ts';
import { HttpFailure } from '../../src/simulator/world/failure.ts';
import { SECOND } from '../support/builders.ts';
import type { VirtualTime } from './time.ts';

/** How a container's runner behaves; a real one has done each of these. */
export type Behaviour =
  | 'well'
  /** Its hooks write nothing. */
  | 'no-hooks'
  /** It boots and never connects. */
  | 'never-online'
  /** It ends with 1 before it connects. */
  | 'dies-at-boot'
  /** It connects and ends without a job, as one does that is told of a newer version. */
  | 'leaves-with-0'
  | 'leaves-with-1'
  /** Its container goes on after the job. */
  | 'stays-after-job'
  /** The same, and its `completed` hook never ran. */
  | 'stays-after-job-unsaid';

/** How long a runner that leaves without a job is online. */
const ONLINE_WITHOUT_JOB: Millis = 12 * SECOND;
/** A listener polls anew after so long. */
const POLL: Millis = 50 * SECOND;

/** What a runner knows of the place it runs in. */
export interface RunnerPlace {
  readonly time: VirtualTime;
  readonly sessions: RunnerSessions;
  readonly clientId: string;
  readonly behaviour: Behaviour;
  readonly boot: Millis;
  /** Asked to end: it gives its job up, says so and leaves. */
  readonly told: AbortSignal;
  /** Gone without a word. */
  readonly killed: AbortSignal;
  readonly connected: (session: string) => void;
  readonly hook: (name: 'started' | 'completed', signal: JobSignal) => void;
  readonly took: (job: JobMessage) => void;
}

/** The whole life of a runner's program; its exit code, or null when it never ends by itself. */
export async function runRunner(place: RunnerPlace): Promise<number | null> {
  const { time, sessions, behaviour, told, killed } = place;
  const ended = AbortSignal.any([told, killed]);
  await time.sleep(place.boot, ended);
  if (behaviour === 'dies-at-boot') return 1;
  if (behaviour === 'never-online') return ended.aborted ? 0 : null;
  if (ended.aborted) return 0;
  try {
    const { session } = sessions.connect(place.clientId);
    place.connected(session);
    if (behaviour === 'leaves-with-0' || behaviour === 'leaves-with-1') {
      await time.sleep(ONLINE_WITHOUT_JOB, ended);
      if (!killed.aborted) sessions.disconnect(session);
      return behaviour === 'leaves-with-0' ? 0 : 1;
    }
    const job = await nextJob(place, session, ended);
    if (killed.aborted) return null;
    if (job !== undefined) await runJob(place, session, job);
    if (killed.aborted) return null;
    sessions.disconnect(session);
    const stays = behaviour === 'stays-after-job' || behaviour === 'stays-after-job-unsaid';
    return stays && job !== undefined ? null : 0;
  } catch (error) {
    if (!(error instanceof HttpFailure)) throw error;
    // 404: the record was deleted, and the runner leaves in order. Anything else is an error to it.
    return error.status === 404 ? 0 : 1;
  }
}

async function nextJob(
  { sessions }: RunnerPlace,
  session: string,
  ended: AbortSignal,
): Promise<JobMessage | undefined> {
  while (!ended.aborted) {
    const job = await sessions.poll(session, { signal: ended, timeoutMs: POLL });
    if (job !== undefined) return job;
  }
  return undefined;
}

async function runJob(place: RunnerPlace, session: string, job: JobMessage): Promise<void> {
  const { sessions, told, killed, behaviour } = place;
  sessions.start(session, job.id);
  place.took(job);
  const signal: JobSignal = { runId: job.runId, runAttempt: job.attempt, repository: job.repository };
  if (behaviour !== 'no-hooks') place.hook('started', signal);
  const cancelled = await sessions.heartbeat(session, job.id, {
    signal: AbortSignal.any([told, killed]),
    timeoutMs: lengthOf(job),
  });
  if (killed.aborted) return;
  if (behaviour !== 'no-hooks' && behaviour !== 'stays-after-job-unsaid') place.hook('completed', signal);
  sessions.finish(session, job.id, cancelled || told.aborted ? 'cancelled' : 'success');
}

/** As the simulated GitHub spells a job's duration in its script. */
function lengthOf({ script }: JobMessage): Millis {
  return Number(/\bsleep ([\d.]+)/u.exec(script)?.[1] ?? 0) * SECOND;
}
