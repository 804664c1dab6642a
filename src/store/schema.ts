import { z } from 'zod';

import type { Instance, State } from '../core/model.ts';
import { PHASES, STOP_REASONS } from '../core/model.ts';
import type { Instant } from '../core/time/instant.ts';

/** On the monotonic clock of the file's `clock`. */
const millis = z.number();
const moment = millis.nullable();
const id = z.number().int();
const count = z.number().int().nonnegative();

const stopReason = z.enum(STOP_REASONS);

const stages = z.strictObject({
  /** GitHub's date: milliseconds since the epoch. */
  queuedAt: moment,
  seenAt: moment,
  reservedAt: moment,
  startedAt: moment,
  readyAt: moment,
  onlineAt: moment,
  busyAt: moment,
  endedAt: moment,
  gone: moment,
});

const runningJob = z.strictObject({
  id: id.nullable(),
  runId: id.nullable(),
  runAttempt: id.nullable(),
  repository: z.string().nullable(),
});

const instance = z.strictObject({
  name: z.string().min(1),
  className: z.string(),
  scope: z.string(),
  subnet: z.number().int().min(0).max(255),
  runnerName: z.string(),
  runnerId: id.nullable(),
  forJob: id,
  forAttempt: id,
  system: z.string().nullable(),
  registered: z.boolean(),
  phase: z.enum(PHASES),
  since: millis,
  blind: millis,
  stages,
  job: runningJob.nullable(),
  refusedAt: moment,
  overSince: moment,
  stop: z.strictObject({ reason: stopReason, clean: z.boolean(), detail: z.string() }).nullable(),
});

const debt = z.strictObject({
  runnerName: z.string(),
  runnerId: id.nullable(),
  scope: z.string(),
  since: millis,
  reason: z.string().nullable(),
  attempts: count,
  nextTry: millis,
});

const failure = z.strictObject({
  className: z.string(),
  scope: z.string(),
  shape: z.string(),
  count,
  lastAt: millis,
  thirdAt: moment,
  until: millis,
  detail: z.string(),
});

const suspect = z.strictObject({
  runnerName: z.string(),
  name: z.string(),
  className: z.string(),
  scope: z.string(),
  system: z.string().nullable(),
  forJob: id,
  forAttempt: id,
  reason: stopReason,
  detail: z.string(),
  madeAt: millis,
  endedAt: millis,
});

const ghost = z.strictObject({
  jobId: id,
  runAttempt: id,
  className: z.string(),
  scope: z.string(),
  strikes: count,
  since: millis,
  lastAt: millis,
});

const given = z.strictObject({ className: z.string(), scope: z.string(), at: millis });

const claimedRunner = z.strictObject({
  className: z.string(),
  scope: z.string(),
  runnerName: z.string(),
  at: millis,
  endedAt: moment,
  forJob: id,
  runId: id.nullable(),
});

const finished = z.strictObject({
  name: z.string(),
  runnerName: z.string(),
  className: z.string(),
  scope: z.string(),
  forJob: id,
  job: runningJob.nullable(),
  reason: stopReason,
  detail: z.string(),
  stages,
});

/** The keys are a promise to existing files. `taken` is `claimed` in the program, and `blind` is `unansweredFor`. */
const ledgerFile = z.strictObject({
  version: z.literal(3),
  /** Counts the writes, so that two copies can be told apart. */
  generation: count,
  /** What the clock said when it was written: all times in it are on that boot's monotonic clock. */
  clock: z.strictObject({ boot: z.string(), monotonic: z.number(), wall: z.number() }),
  instances: z.array(instance),
  debts: z.array(debt),
  failures: z.array(failure),
  suspects: z.array(suspect),
  ghosts: z.array(ghost),
  given: z.array(given),
  taken: z.array(claimedRunner),
  finished: z.array(finished),
  answeredAt: z.record(z.string(), millis),
});

export interface Saved {
  readonly generation: number;
  readonly clock: Instant;
  readonly state: State;
}

/** Reads the content of a ledger file of the current version, or says what is wrong with it. */
export function parseLedger(file: unknown): Saved | { readonly why: string } {
  const parsed = ledgerFile.safeParse(file);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return {
      why:
        issue === undefined
          ? 'it has another form'
          : `${issue.path.join('.') || 'the file'}: ${issue.message}`,
    };
  }
  const { version: _version, generation, clock, taken, instances, ...rest } = parsed.data;
  const state = {
    ...rest,
    claimed: taken,
    instances: instances.map(instanceFrom),
  };
  return { generation, clock, state };
}

/** The content of a ledger file that holds this state; `parseLedger` reads it back. */
export function ledgerFileOf(
  version: number,
  { generation, clock, state }: Saved,
): Readonly<Record<string, unknown>> {
  const { claimed, instances, ...rest } = state;
  return {
    version,
    generation,
    clock,
    ...rest,
    taken: claimed,
    instances: instances.map(instanceInFile),
  };
}

function instanceFrom({ blind, ...one }: z.infer<typeof instance>): Instance {
  return { ...one, unansweredFor: blind };
}

function instanceInFile({ unansweredFor, ...one }: Instance): z.infer<typeof instance> {
  return { ...one, blind: unansweredFor };
}
