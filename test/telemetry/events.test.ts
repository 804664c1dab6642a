import { describe, expect, it } from 'vitest';

import type { Effect } from '../../src/core/effect.ts';
import { createEvents } from '../../src/telemetry/events.ts';

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
