import { describe, expect, it } from 'vitest';

import { observeHost } from '../../src/loop/observe.ts';
import { ScriptedEngine } from './fakes.ts';

const NEVER = new AbortController().signal;

describe('an observation of the host', () => {
  it('that throws is an unanswered question, not an empty host', async () => {
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
