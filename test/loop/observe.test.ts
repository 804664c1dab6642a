import { describe, expect, it } from 'vitest';

import { observeGithub, observeHost } from '../../src/loop/observe.ts';
import { TestClock } from '../support/clock.ts';
import { ScriptedEngine, ScriptedGithub } from './fakes.ts';

const NEVER = new AbortController().signal;

describe('observations that fail', () => {
  it('a poll of GitHub that throws has read nothing, and says so for every scope', async () => {
    const clock = new TestClock();
    const look = await observeGithub(new ScriptedGithub(), ['o/a', 'o/b'], clock, NEVER);
    expect(look).toMatchObject({
      askedAt: clock.now(),
      scopes: ['o/a', 'o/b'],
      jobs: [],
      runners: [],
      trouble: { kind: 'github-unreachable', why: 'no line' },
    });
    expect(look.unread.map(({ scope, what, runId }) => `${scope} ${what} ${runId}`)).toEqual([
      'o/a jobs null',
      'o/a runners null',
      'o/b jobs null',
      'o/b runners null',
    ]);
  });

  it('an observation of the host that throws is an unanswered question, not an empty host', async () => {
    const engine = new ScriptedEngine();
    engine.observe = () => Promise.reject(new Error('no bus'));
    expect(await observeHost(engine, [], NEVER)).toEqual({ ok: false, why: 'no bus' });
  });

  it('hands on what was asked, and ends with its signal', async () => {
    const engine = new ScriptedEngine();
    const stop = new AbortController();
    let asked: readonly string[] = [];
    engine.observe = (promised, signal) => {
      asked = promised;
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('told to stop')));
      });
    };
    const looking = observeHost(engine, ['j1', 'j2'], stop.signal);
    stop.abort();
    expect(await looking).toEqual({ ok: false, why: 'told to stop' });
    expect(asked).toEqual(['j1', 'j2']);
  });
});
