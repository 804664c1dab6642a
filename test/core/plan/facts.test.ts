import { describe, expect, it } from 'vitest';

import type { Instance, Phase } from '../../../src/core/model.ts';
import type { Container } from '../../../src/core/observation.ts';
import { plan } from '../../../src/core/plan/plan.ts';
import type { Row } from '../../support/builders.ts';
import {
  UNASKED,
  UNREAD_HOST,
  container,
  draws,
  host,
  HOUR,
  instance,
  job,
  judged,
  MINUTE,
  NOW,
  policy,
  runner,
  runnerOf,
  seen,
  signal,
  snapshot,
  state,
} from '../../support/builders.ts';
import { check } from './check.ts';

const READY = { reservedAt: NOW - MINUTE, readyAt: NOW - MINUTE };

/** One instance, its container, and GitHub listing the job that needs it: nothing else happens. */
function world(over: Partial<Instance>, containers: readonly Container[] | 'unread', more: Row['seen'] = {}) {
  return {
    state: state({ instances: [instance('j1', over)] }),
    host: containers === 'unread' ? UNREAD_HOST : host({ containers }),
    github: snapshot({ jobs: [job(1)] }),
    ...more,
  };
}

const named = snapshot({
  jobs: [job(5, { status: 'in_progress', runnerName: runnerOf('j1') }), job(1)],
  runners: [runner('j1', { busy: true })],
});
const covered = ['1 starting'];
const waits = ['1 waiting-for-github'];
const died = container('j1', { state: 'ended', exit: { code: 1, detail: 'exit 1' } });
const left = container('j1', { state: 'ended', exit: { code: 0, detail: 'exit 0' } });
const killed = container('j1', { state: 'ended', exit: { code: null, detail: 'signal 9' } });

describe('what the host says', () => {
  check([
    {
      title: 'a promise whose container runs has started',
      seen: world({ phase: 'reserved', stages: { ...instance('j1').stages, readyAt: NOW } }, [
        container('j1'),
      ]),
      changes: ['started j1'],
      holds: covered,
    },
    {
      title: 'a unit that reports ready is ready, once',
      seen: world({ phase: 'starting', stages: { ...instance('j1').stages, readyAt: null } }, [
        container('j1'),
      ]),
      changes: ['ready j1'],
      holds: covered,
    },
    {
      title: 'a container that runs as it should is no news',
      seen: world({}, [container('j1')]),
      holds: waits,
    },
    {
      title: 'a start hook makes it busy',
      seen: world({}, [container('j1', { started: signal() })]),
      changes: ['busy j1'],
    },
    {
      title: 'a completion hook alone does so too',
      seen: world({}, [container('j1', { completed: signal() })]),
      changes: ['busy j1'],
    },
    {
      title: 'a hook counts as being online',
      seen: world({ phase: 'starting' }, [container('j1', { started: signal() })]),
      changes: ['busy j1'],
    },
    {
      title: 'a hook of one that is known to be busy is no news',
      seen: world({ phase: 'busy' }, [container('j1', { started: signal() })], { github: named }),
      changes: ['job j1', 'reserve j1a'],
      effects: ['start j1a'],
      holds: covered,
    },
    {
      title: 'a busy one that ended has finished its job',
      seen: world({ phase: 'busy', forJob: 9 }, [left]),
      changes: ['stop j1 job-finished', 'reserve j1a'],
      effects: ['destroy j1', 'start j1a'],
      holds: covered,
    },
    {
      title: 'and however it ended',
      seen: world({ phase: 'busy', forJob: 9 }, [killed]),
      changes: ['stop j1 job-finished', 'reserve j1a'],
      effects: ['destroy j1', 'start j1a'],
      holds: covered,
    },
    {
      title: 'a job so short that it is over when it is first seen',
      seen: world({ phase: 'starting' }, [{ ...left, started: signal(), completed: signal() }]),
      changes: ['busy j1', 'stop j1 job-finished'],
      effects: ['destroy j1'],
    },
    {
      title: 'whether an idle one that exits well has had its job is asked first',
      seen: world({}, [left]),
      changes: ['stop j1 exited-idle'],
      effects: ['destroy j1'],
      holds: ['1 backing-off'],
    },
    {
      title: 'so is that of one that was not yet seen online',
      seen: world({ phase: 'starting' }, [left]),
      changes: ['stop j1 exited-idle'],
      effects: ['destroy j1'],
      holds: ['1 backing-off'],
    },
    {
      title: 'so is that of one that fails before it is online',
      seen: world({ phase: 'starting' }, [died]),
      changes: ['stop j1 died-starting'],
      effects: ['destroy j1'],
      holds: ['1 backing-off'],
    },
    {
      title: 'and that of one that was killed then',
      seen: world({ phase: 'starting' }, [killed]),
      changes: ['stop j1 died-starting'],
      effects: ['destroy j1'],
      holds: ['1 backing-off'],
    },
    {
      title: 'and that of one that fails while it idles',
      seen: world({}, [died]),
      changes: ['stop j1 exited-idle'],
      effects: ['destroy j1'],
      holds: ['1 backing-off'],
    },
    {
      title: 'one whose job GitHub names is no failed start',
      seen: world({ phase: 'starting', runnerId: 77, forJob: 5 }, [died], { github: named }),
      changes: ['busy j1', 'stop j1 job-finished', 'reserve j1a'],
      effects: ['destroy j1', 'start j1a'],
      holds: covered,
    },
  ]);

  it.each<{ readonly phase: Phase; readonly container: Container | null; readonly is: string }>([
    { phase: 'reserved', container: null, is: 'stop j1 interrupted' },
    { phase: 'reserved', container: container('j1', { state: 'created' }), is: 'stop j1 interrupted' },
    { phase: 'starting', container: null, is: 'stop j1 vanished' },
    { phase: 'idle', container: null, is: 'stop j1 vanished' },
    { phase: 'busy', container: null, is: 'stop j1 vanished' },
    { phase: 'starting', container: container('j1', { state: 'created' }), is: 'stop j1 interrupted' },
    { phase: 'idle', container: container('j1', { state: 'created' }), is: 'stop j1 vanished' },
    { phase: 'busy', container: container('j1', { state: 'created' }), is: 'stop j1 vanished' },
  ])('$phase with $container.state: $is', ({ phase, container: there, is }) => {
    const { is: plan } = judged({ title: is, seen: world({ phase }, there === null ? [] : [there]) });
    expect(plan.changes[0]).toBe(is);
  });

  it.each<Phase>(['reserved', 'starting', 'idle', 'busy', 'stopping'])(
    'a host that cannot be read says nothing of one that is %s',
    (phase) => {
      const { is } = judged({ title: '', seen: world({ phase }, 'unread', { github: UNASKED }) });
      expect(is).toEqual({ changes: [], effects: [], holds: [] });
    },
  );

  it.each([[[]], [[died]], [[left]]])(
    'an instance that an effect is at work on is left alone',
    (containers) => {
      for (const phase of ['reserved', 'starting', 'idle', 'busy', 'stopping'] as const) {
        const inFlight = new Set(['j1']);
        const { is } = judged({
          title: '',
          seen: world({ phase }, containers, { inFlight, github: snapshot({}) }),
        });
        expect({ phase, ...is }).toEqual({ phase, changes: [], effects: [], holds: [] });
      }
    },
  );
});

describe('what GitHub says', () => {
  check([
    {
      title: 'a listed runner has an id',
      seen: world({ phase: 'starting', runnerId: null }, [container('j1')], {
        github: snapshot({ jobs: [job(1)], runners: [runner('j1', { online: false })] }),
      }),
      changes: ['registered j1'],
      holds: covered,
    },
    {
      title: 'one that is online idles',
      seen: world({ phase: 'starting' }, [container('j1')], {
        github: snapshot({ jobs: [job(1)], runners: [runner('j1')] }),
      }),
      changes: ['online j1'],
      holds: waits,
    },
    {
      title: 'one that is listed and not online still starts',
      seen: world({ phase: 'starting' }, [container('j1')], {
        github: snapshot({ jobs: [job(1)], runners: [runner('j1', { online: false })] }),
      }),
      holds: covered,
    },
    {
      title: 'one that goes off line keeps idling: its container says when it is over',
      seen: world({}, [container('j1')], {
        github: snapshot({ jobs: [job(1)], runners: [runner('j1', { online: false })] }),
      }),
      holds: waits,
    },
    {
      title: "GitHub's busy flag alone makes nothing busy",
      seen: world({}, [container('j1')], {
        github: snapshot({ jobs: [job(1)], runners: [runner('j1', { busy: true })] }),
      }),
      holds: waits,
    },
    {
      title: 'a job that names a runner makes it busy, whichever job it was made for',
      seen: world({}, [container('j1')], { github: named }),
      changes: ['busy j1', 'reserve j1a'],
      effects: ['start j1a'],
      holds: covered,
    },
    {
      title: 'so it does before it was seen online',
      seen: world({ phase: 'starting' }, [container('j1')], { github: named }),
      changes: ['busy j1', 'reserve j1a'],
      effects: ['start j1a'],
      holds: covered,
    },
    {
      title: 'a host that cannot be read does not keep GitHub from saying so',
      seen: world({}, 'unread', { github: named }),
      changes: ['busy j1'],
      holds: ['1 backing-off'],
    },
    {
      title: 'a better word about the job it runs is kept',
      seen: world(
        { phase: 'busy', job: { id: 4, runId: 1, runAttempt: 1, repository: 'o/r' } },
        [container('j1')],
        {
          github: named,
        },
      ),
      changes: ['job j1', 'reserve j1a'],
      effects: ['start j1a'],
      holds: covered,
    },
    {
      title: 'the same word is no news',
      seen: world(
        { phase: 'busy', job: { id: 5, runId: 1, runAttempt: 1, repository: 'o/r' } },
        [container('j1')],
        {
          github: named,
        },
      ),
      changes: ['reserve j1a'],
      effects: ['start j1a'],
      holds: covered,
    },
    {
      title: 'an empty list of runners ends nothing',
      seen: world({}, [container('j1')], { github: snapshot({ jobs: [job(1)] }) }),
      holds: waits,
    },
  ]);
});

describe('what it remembers', () => {
  function planned(
    one: Partial<Instance>,
    containers: readonly Container[],
    github = snapshot({ jobs: [job(1)] }),
  ) {
    const observed = seen({
      state: state({ instances: [instance('j1', one)] }),
      host: host({ containers }),
      github,
    });
    const [it] = plan(observed, policy(), NOW, draws()).state.instances;
    if (it === undefined) throw new Error('the instance is gone');
    return it;
  }

  it('a start counts from when the container started, not from when that was noticed', () => {
    const startedAt = NOW - 3 * MINUTE;
    const is = planned({ phase: 'reserved' }, [container('j1', { startedAt })]);
    expect([is.since, is.stages.startedAt]).toEqual([startedAt, startedAt]);
  });

  it('deadlines of a job count from our clock', () => {
    expect(planned({ stages: { ...READY } as never }, [container('j1', { started: signal() })]).since).toBe(
      NOW,
    );
  });

  it('a hook names the run and GitHub the job', () => {
    expect(planned({}, [container('j1', { started: signal({ runId: 8 }) })]).job).toEqual({
      id: null,
      runId: 8,
      runAttempt: 1,
      repository: 'o/r',
    });
    expect(planned({}, [container('j1', { started: signal({ runId: 8 }) })], named).job).toMatchObject({
      id: 5,
      runId: 1,
    });
  });

  it('why it ended, in words of the engine', () => {
    expect(planned({ phase: 'busy' }, [killed], snapshot({})).stop).toEqual({
      reason: 'job-finished',
      clean: false,
      detail: 'signal 9',
    });
  });
});

describe('leftovers', () => {
  const mark = {
    className: 'default',
    scope: 'o/r',
    runnerName: runnerOf('j1'),
    subnet: 117,
    forJob: 1,
    forAttempt: 2,
  };
  const lost = (over: Partial<Container>) => ({
    host: host({ containers: [container('j1', { mark, ...over })] }),
  });

  check([
    { title: 'one that runs lives on', seen: lost({}), changes: ['adopt j1'] },
    {
      title: 'one that never ran is cleaned up',
      seen: lost({ state: 'created', startedAt: null, readyAt: null }),
      changes: ['adopt j1', 'stop j1 leftover'],
      effects: ['destroy j1'],
    },
    {
      title: 'so is one that is over',
      seen: lost({ state: 'ended' }),
      changes: ['adopt j1', 'stop j1 leftover'],
      effects: ['destroy j1'],
    },
    {
      title: 'one at work is at work',
      seen: lost({ started: signal() }),
      changes: ['adopt j1', 'busy j1'],
    },
    {
      title: 'one whose runner is at work by GitHub, too',
      seen: {
        ...lost({}),
        github: snapshot({ jobs: [job(5, { status: 'in_progress', runnerName: runnerOf('j1') })] }),
      },
      changes: ['adopt j1', 'busy j1'],
    },
    {
      title: 'its runner is no orphan',
      seen: { ...lost({}), github: snapshot({ jobs: [job(1)], runners: [runner('j1')] }) },
      changes: ['adopt j1', 'registered j1', 'online j1'],
      holds: waits,
    },
    { title: 'one without our mark is not ours', seen: lost({ mark: null }) },
    {
      title: 'one that an effect is at work on is left alone',
      seen: { ...lost({}), inFlight: new Set(['j1']) },
    },
    {
      title: 'one that is promised is not found',
      seen: { ...world({}, [container('j1', { mark })]) },
      holds: waits,
    },
  ]);

  it('is promised from here on as its mark says', () => {
    const [is] = plan(seen(lost({})), policy(), NOW, draws()).state.instances;
    expect(is).toMatchObject({
      ...mark,
      name: 'j1',
      phase: 'starting',
      since: NOW - MINUTE,
      runnerId: null,
      registered: true,
      stages: { startedAt: NOW - MINUTE, readyAt: NOW - MINUTE / 2, reservedAt: null },
    });
  });

  it('one that never booted has no registration that is known of', () => {
    const created = { state: 'created', startedAt: null, readyAt: null } as const;
    const never = lost({ ...created, mark: { ...mark, runnerName: null } });
    const [is] = plan(seen(never), policy(), NOW, draws()).state.instances;
    expect(is).toMatchObject({ name: 'j1', phase: 'stopping', registered: false, runnerName: 'j1' });
  });

  it('one that runs since long is asked to go, not just ended', () => {
    const { is } = judged({ title: '', seen: lost({ startedAt: NOW - HOUR }) });
    expect(is).toEqual({ changes: ['adopt j1'], effects: ['retire j1 never-online'], holds: [] });
  });
});
