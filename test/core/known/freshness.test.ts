import { describe, expect, it } from 'vitest';

import {
  hasUnreadChange,
  isAnswering,
  isCaughtUp,
  isRead,
  lastGoodPoll,
  lastPoll,
  runsAsOf,
  silence,
} from '../../../src/core/known/freshness.ts';
import type { KnownScope } from '../../../src/core/known/known.ts';
import type { Part } from '../../../src/core/observation.ts';
import { STATUS_LISTS } from '../../../src/core/observation.ts';
import { job, MINUTE, NOW, SCOPE, SECOND } from '../../support/builders.ts';
import { Heard, jobsOf, run, runList, runnerList } from './heard.ts';

const OTHER = 'o/s';
const LISTS: readonly Part[] = [...STATUS_LISTS.map((list) => runList(list)), runnerList()];

/** Two scopes, all of whose lists were read at this time. */
function wellSince(at: number): Heard {
  const heard = new Heard([SCOPE, OTHER]);
  heard.lists(at);
  heard.lists(at, [], OTHER);
  return heard;
}

function scopeOf({ known }: Heard, name = SCOPE): KnownScope {
  const scope = known.scopes.get(name);
  if (scope === undefined) throw new Error(`${name} is no scope`);
  return scope;
}

describe('when the runs of a scope were listed', () => {
  it.each(STATUS_LISTS)('is not known before the list of %s runs was read', (last) => {
    const heard = new Heard();
    for (const list of STATUS_LISTS) if (list !== last) heard.list(list, NOW, []);
    expect(runsAsOf(scopeOf(heard))).toBeNull();
    heard.list(last, NOW, []);
    expect(runsAsOf(scopeOf(heard))).toBe(NOW);
  });

  it.each(STATUS_LISTS)('is as old as the list of %s runs, if that is the oldest', (oldest) => {
    const heard = new Heard();
    heard.lists(NOW);
    for (const list of STATUS_LISTS) if (list !== oldest) heard.list(list, NOW + SECOND, []);
    heard.fails(runList(oldest), NOW + SECOND);
    expect(runsAsOf(scopeOf(heard))).toBe(NOW);
  });
});

describe('the silence of a scope', () => {
  it('is that none of its lists was answered when it was last asked for, in the words of the first', () => {
    const heard = wellSince(NOW);
    for (const part of LISTS.slice(1)) heard.fails(part, NOW + 1, 'another');
    expect(silence(scopeOf(heard))).toBeNull();
    heard.fails(runList('queued'), NOW + 1, 'no route');
    expect(silence(scopeOf(heard))).toBe('no route');
    expect(silence(scopeOf(heard, OTHER))).toBeNull();
  });

  it.each(LISTS)('ends with an answer about $kind $list', (part) => {
    const heard = wellSince(NOW);
    for (const each of LISTS) heard.fails(each, NOW + 1);
    if (part.kind === 'runs') heard.list(part.list, NOW + 2, []);
    else heard.runners(NOW + 2, []);
    expect(silence(scopeOf(heard))).toBeNull();
  });

  it('is not that nothing was asked for yet', () => {
    expect(silence(scopeOf(new Heard()))).toBeNull();
  });
});

describe('GitHub answers', () => {
  it('once every list of every scope was read', () => {
    const heard = new Heard([SCOPE, OTHER]);
    heard.lists(NOW);
    expect(isAnswering(heard.known, NOW)).toBe(false);
    heard.lists(NOW, [], OTHER);
    expect(isAnswering(heard.known, NOW)).toBe(true);
  });

  it.each(LISTS)('until one fails: $kind $list', (part) => {
    const heard = wellSince(NOW);
    heard.fails(part, NOW + 1);
    expect(isAnswering(heard.known, NOW + 1)).toBe(false);
  });

  it('even while single runs and the newest ones fail', () => {
    const heard = wellSince(NOW);
    heard.list('queued', NOW, [run(1)]);
    heard.fails(jobsOf(1), NOW + 1);
    heard.fails(runList('newest'), NOW + 1);
    expect(isAnswering(heard.known, NOW + 1)).toBe(true);
  });

  it('not while it limits us', () => {
    const heard = wellSince(NOW);
    heard.known.limit({ since: NOW, until: NOW + MINUTE, why: 'slow down' });
    expect(isAnswering(heard.known, NOW + MINUTE - 1)).toBe(false);
    expect(isAnswering(heard.known, NOW + MINUTE)).toBe(true);
  });
});

describe('the last poll', () => {
  it('is none before a list was asked for', () => {
    expect(lastPoll(new Heard().known)).toBeNull();
    expect(lastGoodPoll(new Heard().known)).toBeNull();
  });

  it('is the newest try, and good up to the oldest answer', () => {
    const heard = wellSince(NOW);
    heard.lists(NOW + SECOND);
    heard.runners(NOW + 2 * SECOND, [], OTHER);
    heard.fails(runnerList(), NOW + 3 * SECOND);
    expect(lastPoll(heard.known)).toBe(NOW + 3 * SECOND);
    expect(lastGoodPoll(heard.known)).toBe(NOW);
  });

  it('is not good as long as a list of any scope was never read', () => {
    const heard = new Heard([SCOPE, OTHER]);
    heard.lists(NOW);
    for (const list of STATUS_LISTS) heard.list(list, NOW, [run(1, { scope: OTHER })]);
    expect(lastGoodPoll(heard.known)).toBeNull();
    heard.runners(NOW + SECOND, [], OTHER);
    expect(lastGoodPoll(heard.known)).toBe(NOW);
  });

  it('is as old as the runners, if they are older than the runs', () => {
    const heard = new Heard();
    heard.lists(NOW);
    for (const list of STATUS_LISTS) heard.list(list, NOW + SECOND, []);
    expect(lastGoodPoll(heard.known)).toBe(NOW);
  });
});

describe('a scope is caught up', () => {
  it('once its lists and then each of its runs were read, or could not be', () => {
    const heard = new Heard();
    heard.list('queued', NOW, [run(1), run(2)]);
    heard.jobs(1, NOW, [job(1)]);
    heard.fails(jobsOf(2), NOW);
    expect(isCaughtUp(scopeOf(heard))).toBe(false);
    heard.list('in_progress', NOW, [run(3)]);
    heard.list('waiting', NOW, []);
    expect(isCaughtUp(scopeOf(heard))).toBe(false);
    heard.jobs(3, NOW, [job(3)]);
    expect(isCaughtUp(scopeOf(heard))).toBe(true);
  });

  it('though it is not read, as long as one of its runs never was', () => {
    const heard = new Heard();
    expect(isRead(scopeOf(heard))).toBe(false);
    heard.lists(NOW, [run(1)]);
    heard.fails(jobsOf(1), NOW);
    expect(isRead(scopeOf(heard))).toBe(false);
    heard.jobs(1, NOW, [job(1)]);
    heard.fails(jobsOf(1), NOW + 1);
    expect(isRead(scopeOf(heard))).toBe(true);
  });
});

describe('a change is unread', () => {
  it('until the jobs of the run were asked for after it', () => {
    const heard = new Heard();
    heard.lists(NOW, [run(1)]);
    expect(hasUnreadChange(scopeOf(heard))).toBe(true);
    heard.jobs(1, NOW - 1, [job(1)]);
    expect(hasUnreadChange(scopeOf(heard))).toBe(true);
    heard.jobs(1, NOW, [job(1)]);
    expect(hasUnreadChange(scopeOf(heard))).toBe(false);
  });

  it('not when it cannot be read', () => {
    const heard = new Heard();
    heard.lists(NOW, [run(1)]);
    heard.fails(jobsOf(1), NOW);
    expect(hasUnreadChange(scopeOf(heard))).toBe(false);
  });

  it('but it is while GitHub is away, and then until the run is tried again', () => {
    const heard = new Heard();
    heard.lists(NOW, [run(1)]);
    heard.fails({ kind: 'runs', scope: SCOPE, list: 'queued' }, NOW + SECOND);
    heard.fails(jobsOf(1), NOW + SECOND);
    expect(hasUnreadChange(scopeOf(heard))).toBe(true);
    heard.lists(NOW + MINUTE, [run(1)]);
    expect(hasUnreadChange(scopeOf(heard))).toBe(true);
    heard.fails(jobsOf(1), NOW + MINUTE);
    expect(hasUnreadChange(scopeOf(heard))).toBe(false);
  });
});
