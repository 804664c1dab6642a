import { describe, expect, it } from 'vitest';

import type { Debt } from '../../../src/core/model.ts';
import { NO_STAGES } from '../../../src/core/model.ts';
import { refusalWait } from '../../../src/core/plan/debts.ts';
import { plan } from '../../../src/core/plan/plan.ts';
import type { Row } from '../../support/builders.ts';
import {
  UNASKED,
  UNREAD_HOST,
  container,
  debt,
  draws,
  host,
  instance,
  judged,
  MINUTE,
  NOW,
  policy,
  runner,
  runnerOf,
  SCOPE,
  SECOND,
  seen,
  snapshot,
  state,
} from '../../support/builders.ts';
import type { Poll } from '../../support/polls.ts';
import { check } from './check.ts';

const NAME = runnerOf('j9');
const LATER = NOW + MINUTE;
const listed = { runners: [runner('j9', { online: false })] };
const listedBusy = { runners: [runner('j9', { online: false, busy: true })] };
const REFUSED: Partial<Debt> = { reason: 'busy', attempts: 1 };
const runnersUnread = { unread: [{ scope: SCOPE, what: 'runners', runId: null, why: '' }] } as const;

function withDebt(over: Partial<Debt>, poll: Partial<Poll>, more: Row['seen'] = {}): Row['seen'] {
  return { state: state({ debts: [debt('j9', over)] }), github: snapshot(poll), ...more };
}

describe('debts', () => {
  check([
    {
      title: 'one that a newer list lacks is cleared without a request',
      seen: withDebt({}, {}),
      changes: [`debt-cleared ${NAME}`],
    },
    {
      title: 'refused ones too',
      seen: withDebt({ reason: 'busy', attempts: 4, nextTry: LATER }, {}),
      changes: [`debt-cleared ${NAME}`],
    },
    {
      title: 'a list from before says nothing',
      seen: withDebt({ since: NOW - SECOND, nextTry: LATER }, {}),
    },
    {
      title: 'unread runners say nothing',
      seen: withDebt({ nextTry: LATER }, runnersUnread),
    },
    {
      title: 'nor does a list of another scope',
      seen: withDebt({ scope: 'o/s', nextTry: LATER }, {}),
    },
    {
      title: 'one that is due is deregistered',
      seen: withDebt({}, listed),
      effects: [`deregister-orphan ${NAME}`],
    },
    {
      title: 'without having been listed, too',
      seen: withDebt({}, runnersUnread),
      effects: [`deregister-orphan ${NAME}`],
    },
    {
      title: 'before its time it is not',
      seen: withDebt({ nextTry: NOW + 1, reason: 'busy' }, listed),
    },
    {
      title: 'one that is seen to be listed still is shown',
      seen: withDebt({ nextTry: LATER }, listed),
      changes: [`refused ${NAME}`],
    },
    {
      title: 'GitHub in trouble is not asked',
      seen: withDebt({ reason: 'busy' }, { ...listed, limitedUntil: LATER }),
    },
    {
      title: 'one that was refused is looked up first: a list from before the refusal says nothing',
      seen: withDebt(REFUSED, { ...listed, askedAt: NOW - MINUTE }),
    },
    {
      title: 'a newer list that shows it lets it be tried',
      seen: withDebt(REFUSED, { ...listed, askedAt: NOW - MINUTE + 1 }),
      effects: [`deregister-orphan ${NAME}`],
    },
    {
      title: 'so does none while its runners cannot be read',
      seen: withDebt(REFUSED, runnersUnread),
    },
    {
      title: 'nor before the first poll',
      seen: { ...withDebt(REFUSED, {}), github: UNASKED },
    },
    {
      title: 'of a scope that nobody reads it is tried when it is due',
      seen: withDebt({ ...REFUSED, scope: 'o/s' }, listed),
      effects: [`deregister-orphan ${NAME}`],
    },
    {
      title: 'listed as busy it is not',
      seen: withDebt(REFUSED, listedBusy),
    },
    {
      title: 'but for ten minutes at most',
      seen: withDebt({ ...REFUSED, nextTry: NOW - 10 * MINUTE }, listedBusy),
      effects: [`deregister-orphan ${NAME}`],
    },
    {
      title: 'the first try does not wait for that',
      seen: withDebt({}, listedBusy),
      effects: [`deregister-orphan ${NAME}`],
    },
    {
      title: 'before the first poll it is tried',
      seen: { ...withDebt({}, {}), github: UNASKED },
      effects: [`deregister-orphan ${NAME}`],
    },
    {
      title: 'one that is being deregistered is left alone',
      seen: withDebt({}, {}, { inFlight: new Set([NAME]) }),
    },
    {
      title: 'a host that cannot be read is no hindrance',
      seen: withDebt({}, listed, { host: UNREAD_HOST }),
      effects: [`deregister-orphan ${NAME}`],
    },
  ]);

  it('being shown is no attempt, and changes no time', () => {
    const { state: is } = plan(seen(withDebt({ nextTry: LATER }, listed)), policy(), NOW, draws());
    expect(is.debts).toEqual([debt('j9', { nextTry: LATER, reason: 'GitHub lists it still' })]);
  });

  it('a few of a scope are tried at a time, those first that are due longest', () => {
    const debts = [
      ...Array.from({ length: 6 }, (_, n) => debt(`j${n}`, { nextTry: NOW - n })),
      debt('j7', { nextTry: NOW - MINUTE, scope: 'o/s' }),
    ];
    const runners = debts.map(({ runnerName, scope }) => ({ ...runner('j9'), name: runnerName, scope }));
    const tried = (inFlight: readonly string[]): readonly string[] => {
      const github = snapshot({ runners, scopes: [SCOPE, 'o/s'] });
      const row = { state: state({ debts }), github, inFlight: new Set(inFlight.map(runnerOf)) };
      return judged({ title: '', seen: row }).is.effects ?? [];
    };
    const effects = (names: readonly string[]): readonly string[] =>
      names.map((name) => `deregister-orphan ${runnerOf(name)}`);
    expect(tried([])).toEqual(effects(['j7', 'j5', 'j4', 'j3', 'j2']));
    expect(tried(['j5', 'j3', 'j2'])).toEqual(effects(['j7', 'j4']));
  });

  it('waits a minute and more after a refusal, up to five', () => {
    const waits = [1, 2, 3, 4, 9].map((count) => [refusalWait(count, 0), refusalWait(count, 1)]);
    expect(waits.map((range) => range.map((wait) => wait / SECOND))).toEqual([
      [60, 75],
      [120, 150],
      [240, 300],
      [240, 300],
      [240, 300],
    ]);
  });

  it('blocks nothing: it holds no slot, subnet or name', () => {
    const debts = Array.from({ length: 20 }, (_, n) => debt(`j${n}`, { reason: 'busy', nextTry: LATER }));
    const runners = debts.map((it) => ({ ...runner('j9'), name: it.runnerName }));
    const github = snapshot({
      runners,
      jobs: [{ ...seenJob, id: 9 }],
    });
    const { is } = judged({
      title: '',
      seen: { state: state({ debts }), github },
      policy: { maxConcurrent: 1 },
    });
    expect(is.changes).toEqual(['reserve j9']);
  });
});

const seenJob = {
  id: 9,
  runId: 1,
  runAttempt: 1,
  repository: SCOPE,
  scope: SCOPE,
  status: 'queued',
  labels: ['ci'],
  queuedAt: 1,
  runnerName: null,
} as const;

describe('orphans', () => {
  const orphan = { github: snapshot(listed) };
  const finished = (gone: number) => ({
    name: 'j9',
    runnerName: NAME,
    className: 'default',
    scope: SCOPE,
    forJob: 9,
    job: null,
    reason: 'job-finished' as const,
    detail: '',
    stages: { ...NO_STAGES, gone },
  });

  check([
    {
      title: 'a runner of ours that nothing explains becomes a debt',
      seen: orphan,
      changes: [`orphan-found ${NAME}`],
    },
    {
      title: "another controller's is not",
      seen: { github: snapshot({ runners: [runner('j9', { name: 'ci01-j9-aaaa0000' })] }) },
    },
    {
      title: "a person's is not",
      seen: { github: snapshot({ runners: [runner('j9', { name: 'my-mac' })] }) },
    },
    {
      title: 'one with an instance is not',
      seen: {
        ...orphan,
        state: state({ instances: [instance('j9', { phase: 'busy' })] }),
        host: host({ containers: [container('j9')] }),
      },
    },
    {
      title: 'one that is a debt already is not added again',
      seen: { ...orphan, state: state({ debts: [debt('j9', { reason: 'busy', nextTry: LATER })] }) },
    },
    { title: 'one that an effect is at work on is not', seen: { ...orphan, inFlight: new Set([NAME]) } },
    {
      title: 'a host that cannot be read leaves it unexplained and alone',
      seen: { ...orphan, host: UNREAD_HOST },
    },
    {
      title: 'one that went after the list was asked for is not',
      seen: { ...orphan, state: state({ finished: [finished(NOW - SECOND)] }) },
    },
    {
      title: 'one that went before it, and is listed, is',
      seen: { ...orphan, state: state({ finished: [finished(NOW - SECOND - 1)] }) },
      changes: [`orphan-found ${NAME}`],
    },
    {
      title: 'one that went after the last list that was read in full is not',
      seen: {
        github: snapshot({ askedAt: NOW - MINUTE, ...listed }, runnersUnread),
        state: state({ finished: [finished(NOW - MINUTE / 2)] }),
      },
    },
  ]);

  it('waits for one more poll before it is asked to go, and shown meanwhile', () => {
    const { state: is } = plan(seen(orphan), policy(), NOW, draws());
    expect(is.debts).toEqual([
      {
        runnerName: NAME,
        runnerId: 77,
        scope: SCOPE,
        since: NOW,
        reason: 'listed without a container',
        attempts: 0,
        nextTry: NOW + 10 * SECOND,
      },
    ]);
  });
});
