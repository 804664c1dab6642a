import { describe, expect, it } from 'vitest';

import { planView } from '../../../src/core/plan/plan-view.ts';
import { plan } from '../../../src/core/plan/plan.ts';
import { draws, job, NOW, policy, SCOPE, seen, snapshot } from '../../support/builders.ts';
import type { UnreadPart } from '../../support/polls.ts';

const OTHER = 'a/first-by-name';

function unread(scope: string, what: UnreadPart['what'], runId: number | null): UnreadPart {
  return { scope, what, runId, why: `${scope} ${what} ${runId ?? 'all'}` };
}

const jobs = [job(1, { runId: 10 }), job(2, { runId: 9 })];

describe('planView', () => {
  it.each([[[0, 1, 2, 3]], [[3, 2, 1, 0]]])(
    'what went unread stands lists first, in the order of the configuration; failed: %j',
    (order) => {
      const parts = [
        unread(SCOPE, 'runners', null),
        unread(OTHER, 'runners', null),
        unread(SCOPE, 'jobs', 9),
        unread(SCOPE, 'jobs', 10),
      ];
      const github = snapshot({
        scopes: [SCOPE, OTHER],
        jobs,
        unread: order.flatMap((at) => parts[at] ?? []),
      });
      const asked = seen({ github });
      const view = planView(asked, plan(asked, policy(), NOW, draws()), NOW);
      expect(view.github).toEqual({ ok: false, unread: parts.map(({ why }) => why) });
    },
  );

  it('says what would be done, what waits, and what was not read', () => {
    const observed = { jobs: [job(1), job(2, { labels: ['gpu', 'self-hosted'] })] };
    const asked = seen({ github: snapshot(observed), host: { ok: false, why: 'no engine' } });
    const view = planView(asked, plan(asked, policy(), NOW, draws()), NOW);
    expect(view).toMatchObject({
      github: { ok: true, unread: [] },
      engine: { ok: false, why: 'no engine' },
      draining: false,
    });
    expect(view.holds.map(({ job_id }) => job_id)).toEqual([1, 2]);
  });
});
