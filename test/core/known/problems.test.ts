import { describe, expect, it } from 'vitest';

import { problems } from '../../../src/core/known/problems.ts';
import { STATUS_LISTS } from '../../../src/core/observation.ts';
import { MINUTE, NOW, SCOPE } from '../../support/builders.ts';
import { Heard, jobsOf, run, runList, runnerList } from './heard.ts';

const OTHER = 'o/s';

/** Two scopes, all of whose lists were read at this time. */
function wellSince(at: number): Heard {
  const heard = new Heard([SCOPE, OTHER]);
  heard.lists(at);
  heard.lists(at, [], OTHER);
  return heard;
}

describe('problems', () => {
  it('are none before the first answer, and while everything is answered', () => {
    expect(problems(new Heard().known, NOW)).toEqual([]);
    expect(problems(wellSince(NOW).known, NOW)).toEqual([]);
  });

  it('tell every part that is not answered, lists before single runs', () => {
    const heard = wellSince(NOW);
    heard.list('queued', NOW, [run(12), run(3)]);
    heard.fails(jobsOf(12), NOW + 1, 'a');
    heard.fails(jobsOf(3), NOW + 2, 'b');
    heard.fails(runnerList(OTHER), NOW + 3, 'c');
    for (const [at, list] of STATUS_LISTS.entries()) heard.fails(runList(list), NOW + 4 + at, list);
    expect(problems(heard.known, NOW)).toEqual([
      { scope: SCOPE, what: 'queued runs', why: 'queued', since: NOW + 4 },
      { scope: SCOPE, what: 'in_progress runs', why: 'in_progress', since: NOW + 5 },
      { scope: SCOPE, what: 'waiting runs', why: 'waiting', since: NOW + 6 },
      { scope: OTHER, what: 'runners', why: 'c', since: NOW + 3 },
      { scope: SCOPE, what: 'jobs of run 3', why: 'b', since: NOW + 2 },
      { scope: SCOPE, what: 'jobs of run 12', why: 'a', since: NOW + 1 },
    ]);
  });

  it('do not tell the newest runs, which only make up for faults of the lists', () => {
    const heard = wellSince(NOW);
    heard.fails(runList('newest'), NOW);
    expect(problems(heard.known, NOW)).toEqual([]);
  });

  it('tell a list that is cut, and that it was so when it fails too', () => {
    const heard = wellSince(NOW);
    heard.list('waiting', NOW + 1, [], '1000 of 1001');
    heard.fails(runList('waiting'), NOW + 2);
    expect(problems(heard.known, NOW)).toEqual([
      { scope: SCOPE, what: 'waiting runs', why: '502', since: NOW + 2 },
      { scope: SCOPE, what: 'waiting runs', why: '1000 of 1001', since: NOW + 1 },
    ]);
  });

  it('tell a rate limit for every scope, as long as it lasts', () => {
    const heard = wellSince(NOW);
    heard.known.limit({ since: NOW, until: NOW + MINUTE, why: 'slow down' });
    const told = [SCOPE, OTHER].map((scope) => ({ scope, what: 'everything', why: 'slow down', since: NOW }));
    expect(problems(heard.known, NOW + MINUTE - 1)).toEqual(told);
    expect(problems(heard.known, NOW + MINUTE)).toEqual([]);
  });

  it('are a hundred at most, of which lists are no part that is left out', () => {
    const heard = wellSince(NOW);
    const ids = Array.from({ length: 120 }, (_, at) => at + 1);
    heard.list(
      'queued',
      NOW,
      ids.map((id) => run(id)),
    );
    for (const id of ids) heard.fails(jobsOf(id), NOW);
    heard.fails(runnerList(OTHER), NOW);
    const told = problems(heard.known, NOW).map(({ what }) => what);
    expect(told).toHaveLength(100);
    expect([told[0], told[1], told[99]]).toEqual(['runners', 'jobs of run 1', 'jobs of run 99']);
  });
});
