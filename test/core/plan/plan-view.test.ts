import { describe, expect, it } from 'vitest';

import type { Unread } from '../../../src/core/observation.ts';
import { planView } from '../../../src/core/plan/plan-view.ts';
import { plan } from '../../../src/core/plan/plan.ts';
import { draws, job, NOW, policy, poll, SCOPE, seen, snapshot } from '../../support/builders.ts';

const OTHER = 'a/first-by-name';

function unread(scope: string, what: Unread['what'], runId: number | null): Unread {
  return { scope, what, runId, why: `${scope} ${what} ${runId ?? 'all'}` };
}

const IN_ORDER = [
  unread(SCOPE, 'jobs', null),
  unread(SCOPE, 'runners', null),
  unread(SCOPE, 'jobs', 9),
  unread(SCOPE, 'jobs', 10),
  unread(OTHER, 'jobs', null),
  unread(OTHER, 'runners', null),
];

function unreadOf(parts: readonly Unread[]): readonly string[] {
  const observed = poll({ scopes: [SCOPE, OTHER], unread: parts });
  const asked = seen();
  return planView(asked, observed, plan(asked, policy(), NOW, draws())).github.unread;
}

describe('planView', () => {
  it.each([
    { failed: 'as they are asked', order: [0, 1, 2, 3, 4, 5] },
    { failed: 'the other way round', order: [5, 4, 3, 2, 1, 0] },
    { failed: 'runners before runs', order: [1, 5, 3, 0, 4, 2] },
  ])('what went unread stands in the order in which it is asked; failed: $failed', ({ order }) => {
    const parts = order.flatMap((at) => IN_ORDER[at] ?? []);
    expect(unreadOf(parts)).toEqual(IN_ORDER.map(({ why }) => why));
  });

  it('says what would be done, what waits, and what was not read', () => {
    const observed = { jobs: [job(1), job(2, { labels: ['gpu', 'self-hosted'] })] };
    const asked = seen({ github: snapshot(observed), host: { ok: false, why: 'no engine' } });
    const view = planView(asked, poll(observed), plan(asked, policy(), NOW, draws()));
    expect(view).toMatchObject({
      github: { ok: true, unread: [] },
      engine: { ok: false, why: 'no engine' },
      draining: false,
    });
    expect(view.holds.map(({ job_id }) => job_id)).toEqual([1, 2]);
  });
});
