import type { Millis } from '../model.ts';
import type { Part, Rank } from '../observation.ts';
import { RUN_LISTS, STATUS_LISTS } from '../observation.ts';
import type { Age } from './age.ts';
import type { Known, KnownRun, KnownScope } from './known.ts';
import { isListed } from './known.ts';

/** GitHub's lists may be late, so a run that has changed is read in every poll for so long. */
const CHANGED_FOR: Millis = 30_000;
/** Runs that nothing points to are read in turn: a hundred of them within a minute. */
const TURN: Millis = 600;
/** The part of that time after which a run is due, so that it is read before it has passed. */
const EARLY = 0.8;
/** GitHub gives so many runs on a page. */
const PAGE = 100;
/** The newest runs are read without a filter in the first poll, and every so many polls later. */
const SWEEP_EVERY = 30;
/** So many urgent reads come before one in turn. */
const FRESH_PER_TURN = 3;

/** A read that is due, and how urgent it is. */
export interface Read {
  readonly part: Part;
  readonly rank: Rank;
}

/** The poll that runs, and how far polls are apart. */
export interface Poll {
  readonly at: Millis;
  readonly interval: Millis;
}

/**
 * What GitHub is to be asked now, the most urgent first: the lists, single jobs and runners, then the jobs of runs that
 * have changed or hold jobs of ours, newest run first, and between them all other open runs in turn. What failed waits for
 * its next try.
 */
export function due(known: Known, poll: Poll, now: Millis): readonly Read[] {
  if (known.limitedAt(now) !== null) return [];
  const lists: Read[] = [];
  const fresh: KnownRun[] = [];
  const others: KnownRun[] = [];
  for (const [name, scope] of known.scopes) {
    lists.push(...listsDue(name, scope, poll, now));
    for (const run of scope.runs.values()) {
      if (run.age.failing !== null) {
        if (run.age.failing.nextTry <= now) others.push(run);
      } else if (!isUrgent(scope, run)) others.push(run);
      else if (isUnasked(run.age, poll) || run.changedAt > (run.age.triedAt ?? -Infinity)) fresh.push(run);
    }
  }
  const turn = Math.max(poll.interval, TURN * others.length) * EARLY;
  const turns = others.filter(
    ({ age }) => age.failing !== null || age.triedAt === null || now - age.triedAt >= turn,
  );
  const asked = known.questions.all.filter(({ age }) =>
    age.failing === null ? isUnasked(age, poll) : age.failing.nextTry <= now,
  );
  lists.push(...asked.map(({ question }): Read => ({ part: question, rank: 'fresh' })));
  fresh.sort((a, b) => b.run.id - a.run.id);
  turns.sort((a, b) => (a.age.triedAt ?? 0) - (b.age.triedAt ?? 0));
  return [...lists, ...interleaved(fresh, turns)];
}

/**
 * When the next part that failed is to be tried again; null while none waits for that. One whose time has come waits for a
 * place, and must not hide the others.
 */
export function nextTry(known: Known, now: Millis): Millis | null {
  let next = Infinity;
  const note = ({ failing }: Age): void => {
    if (failing !== null && failing.nextTry > now) next = Math.min(next, failing.nextTry);
  };
  for (const { lists, runners, runs } of known.scopes.values()) {
    for (const list of RUN_LISTS) note(lists[list].age);
    note(runners.age);
    for (const { age } of runs.values()) note(age);
  }
  for (const { age } of known.questions.all) note(age);
  return next === Infinity ? null : next;
}

function listsDue(scope: string, { lists, runners }: KnownScope, poll: Poll, now: Millis): readonly Read[] {
  const reads: Read[] = [];
  const add = (part: Part, age: Age, due: boolean): void => {
    if (age.failing === null ? due : age.failing.nextTry <= now) reads.push({ part, rank: 'list' });
  };
  // The head of a list of many pages is known only with all of them: the newest runs, on one page, come sooner.
  const isLong = STATUS_LISTS.some((list) => lists[list].ids.size > PAGE);
  for (const list of RUN_LISTS) {
    const { age } = lists[list];
    const seldom = list === 'newest' && age.triedAt !== null && !isLong;
    const isDue = seldom ? poll.at - (age.triedAt ?? 0) >= SWEEP_EVERY * poll.interval : isUnasked(age, poll);
    add({ kind: 'runs', scope, list }, age, isDue);
  }
  add({ kind: 'runners', scope }, runners.age, isUnasked(runners.age, poll));
  return reads;
}

/** Whether a run's jobs must be read in every poll. */
function isUrgent(scope: KnownScope, { run, age, ours, changedAt }: KnownRun): boolean {
  if (ours || (age.askedAt ?? -Infinity) < changedAt + CHANGED_FOR) return true;
  // One that no list has is about to end. Behind the end of a list that is cut, nobody knows.
  const cut = scope.lists.queued.cut ?? scope.lists.in_progress.cut ?? scope.lists.waiting.cut;
  return cut === null && !isListed(scope, run.id);
}

/** Whether it was not asked for in this poll. */
function isUnasked({ triedAt }: Age, poll: Poll): boolean {
  return triedAt === null || triedAt < poll.at;
}

function interleaved(fresh: readonly KnownRun[], turns: readonly KnownRun[]): readonly Read[] {
  const reads: Read[] = [];
  let turn = 0;
  for (const [index, run] of fresh.entries()) {
    reads.push(readOf(run, 'fresh'));
    const next = turns[turn];
    if ((index + 1) % FRESH_PER_TURN !== 0 || next === undefined) continue;
    reads.push(readOf(next, 'turn'));
    turn += 1;
  }
  return [...reads, ...turns.slice(turn).map((run) => readOf(run, 'turn'))];
}

function readOf({ run: { id, scope, repository } }: KnownRun, rank: Rank): Read {
  return { part: { kind: 'jobs', scope, repository, runId: id }, rank };
}
