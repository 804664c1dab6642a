import type { Change } from '../change.ts';
import { isSetAside, runsAsOf } from '../known/freshness.ts';
import type { KnownRun, KnownScope } from '../known/known.ts';
import type { ClaimedRunner, Millis } from '../model.ts';
import type { Policy } from '../policy.ts';
import { classesFor, foldClasses } from './classes.ts';
import type { FoldedClass } from './classes.ts';
import type { Observed } from './observed.ts';

/** GitHub's lists are late by less than this. */
const LATEST: Millis = 60_000;

/**
 * Claims that are over: GitHub has named the runner, or has been asked so often since that its answer stands without a
 * name: twice after a minute about the run that the runner took (else about every run with a queued job of its class), or
 * once after its container ended. A run that is set aside keeps no claim.
 */
export function claims({ github, state }: Observed, policy: Policy): readonly Change[] {
  if (state.claimed.length === 0) return [];
  const classes = foldClasses(policy);
  return state.claimed
    .filter((claim) => {
      if (github.byRunner.has(claim.runnerName)) return true;
      const scope = github.scopes.get(claim.scope);
      return scope === undefined || isAnswered(claim, scope, classes);
    })
    .map(({ runnerName }) => ({ kind: 'claim-over', runnerName }));
}

function isAnswered(claim: ClaimedRunner, scope: KnownScope, classes: readonly FoldedClass[]): boolean {
  const { at, endedAt, runId } = claim;
  const own = runId === null ? undefined : scope.runs.get(runId);
  const runs = (own === undefined ? runsOfClass(claim, scope, classes) : [own]).filter(
    ({ age }) => !isSetAside(scope, age),
  );
  const lists = runsAsOf(scope) ?? -Infinity;
  const asked = (since: Millis, twice: boolean): boolean =>
    lists > since && runs.every(({ age }) => ((twice ? age.before : age.askedAt) ?? -Infinity) > since);
  return (endedAt !== null && asked(endedAt, false)) || asked(at + LATEST, true);
}

/** The runs of which the runner may have got a job. */
function runsOfClass(
  { className }: ClaimedRunner,
  { runs }: KnownScope,
  classes: readonly FoldedClass[],
): readonly KnownRun[] {
  return [...runs.values()].filter(({ jobs }) =>
    jobs.some(
      (job) =>
        job.status === 'queued' &&
        classesFor(classes, job).some(({ runnerClass }) => runnerClass.name === className),
    ),
  );
}
