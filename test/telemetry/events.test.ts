import { describe, expect, it } from 'vitest';

import type { Change } from '../../src/core/change.ts';
import type { Effect } from '../../src/core/effect.ts';
import type { Instance } from '../../src/core/model.ts';
import { createEvents } from '../../src/telemetry/events.ts';
import { instance } from '../support/builders.ts';

describe('a change', () => {
  const told = (change: Change, one?: Instance): unknown => {
    const lines: unknown[] = [];
    createEvents((level, text, fields) => {
      lines.push({ level, text, fields });
    }).changed(change, one);
    return lines;
  };

  it('of an instance says which it was', () => {
    const one = instance('j1');
    const fields = { container: 'j1', class: 'default', runner_name: one.runnerName };
    expect(told({ kind: 'online', name: 'j1', at: 0 }, one)).toEqual([
      { level: 'info', text: 'runner online', fields },
    ]);
    expect(told({ kind: 'online', name: 'j1', at: 0 })).toEqual([
      { level: 'info', text: 'runner online', fields: { container: 'j1' } },
    ]);
  });

  it('of a class says in which repository', () => {
    const of = { className: 'big', scope: 'o/r' };
    const fields = { class: 'big', scope: 'o/r' };
    const times = { madeAt: 0, endedAt: 0, at: 0, chance: 0 };
    expect(told({ kind: 'failed', ...of, ...times, shape: '', detail: 'exit 1' })).toEqual([
      { level: 'warn', text: 'class backs off', fields: { ...fields, detail: 'exit 1' } },
    ]);
    expect(told({ kind: 'failures-cleared', ...of })).toEqual([
      { level: 'info', text: 'failed starts forgotten', fields },
    ]);
  });

  it('of what is not known yet says nothing', () => {
    expect(told({ kind: 'settled', runnerName: 'r', hadJob: true })).toEqual([]);
  });
});

describe('an effect that failed', () => {
  it.each<{ effect: Effect; message: string }>([
    { effect: { kind: 'start', name: 'j1' }, message: 'effect failed: start' },
    { effect: { kind: 'retire', name: 'j1', reason: 'drained' }, message: 'effect failed: retire' },
    { effect: { kind: 'destroy', name: 'j1', clean: true }, message: 'effect failed: destroy' },
    { effect: { kind: 'deregister-orphan', runnerName: 'rc-j1' }, message: 'effect failed: collect' },
  ])('is logged as "$message"', ({ effect, message }) => {
    const lines: unknown[] = [];
    const error = new Error('no');
    createEvents((level, text, fields) => {
      lines.push({ level, text, fields });
    }).effectFailed(effect, error);
    const { kind: _kind, ...fields } = effect;
    expect(lines).toEqual([{ level: 'warn', text: message, fields: { ...fields, err: error } }]);
  });
});
