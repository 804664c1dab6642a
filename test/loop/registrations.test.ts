import { describe, expect, it } from 'vitest';

import { LONGEST } from '../../src/core/backoff.ts';
import type { Debt } from '../../src/core/model.ts';
import { deregisterOrphan, retire } from '../../src/loop/registrations.ts';
import { instance, NOW, runner, SCOPE } from '../support/builders.ts';
import { ScriptedGithub } from './fakes.ts';

const NEVER = new AbortController().signal;
const now = (): number => NOW;

const DEBT: Debt = {
  runnerName: 'ci01-j1-7f2a0000',
  runnerId: 77,
  scope: SCOPE,
  since: NOW,
  reason: null,
  attempts: 0,
  nextTry: NOW,
};

describe('retire', () => {
  it('stops what GitHub agreed to let go', async () => {
    const github = new ScriptedGithub();
    const changes = await retire(github, instance('j1'), 'idle-timeout', now, NEVER);
    expect(changes).toMatchObject([{ kind: 'stop', name: 'j1', reason: 'idle-timeout', deregistered: true }]);
    expect(github.asked).toEqual(['deregister 77']);
  });

  it("takes GitHub's refusal for a job that has just begun", async () => {
    const github = new ScriptedGithub();
    github.deregister = () => Promise.resolve('busy');
    const changes = await retire(github, instance('j1'), 'not-needed', now, NEVER);
    expect(changes).toEqual([{ kind: 'busy', name: 'j1', at: NOW, job: null }]);
  });

  it('looks for a runner whose id is not known', async () => {
    const github = new ScriptedGithub();
    const one = instance('j1', { runnerId: null });
    github.findRunner = () => Promise.resolve(runner('j1', { id: 5 }));
    expect(await retire(github, one, 'drained', now, NEVER)).toMatchObject([{ deregistered: true }]);
    expect(github.asked).toEqual(['deregister 5']);
  });

  it('leaves a debt for what was never listed: it may register while it is being stopped', async () => {
    const github = new ScriptedGithub();
    const one = instance('j1', { runnerId: null });
    expect(await retire(github, one, 'never-online', now, NEVER)).toMatchObject([
      { kind: 'stop', deregistered: false },
    ]);
  });

  it('stops nothing when GitHub gives no answer', async () => {
    const github = new ScriptedGithub();
    github.deregister = () => Promise.reject(new Error('no line'));
    await expect(retire(github, instance('j1'), 'not-needed', now, NEVER)).rejects.toThrow('no line');
  });
});

describe('deregister an orphan', () => {
  it('settles what GitHub lets go', async () => {
    const github = new ScriptedGithub();
    const change = await deregisterOrphan(github, DEBT, now, () => 0, NEVER);
    expect(change).toEqual({ kind: 'debt-cleared', runnerName: DEBT.runnerName });
  });

  it('settles what GitHub does not list', async () => {
    const github = new ScriptedGithub();
    const change = await deregisterOrphan(github, { ...DEBT, runnerId: null }, now, () => 0, NEVER);
    expect(change).toEqual({ kind: 'debt-cleared', runnerName: DEBT.runnerName });
    expect(github.asked).toEqual([`find ${DEBT.runnerName}`]);
  });

  it('tries again later when GitHub refuses, with why', async () => {
    const github = new ScriptedGithub();
    github.deregister = () => Promise.resolve('busy');
    const change = await deregisterOrphan(github, DEBT, now, () => 0, NEVER);
    expect(change).toMatchObject({
      kind: 'refused',
      runnerId: 77,
      reason: 'GitHub refuses: busy',
      attempt: true,
    });
    expect(change).toMatchObject({ nextTry: NOW + 60_000 });
  });

  it('waits longer each time, and not for ever', async () => {
    const github = new ScriptedGithub();
    github.deregister = () => Promise.reject(new Error('no line'));
    const waits: number[] = [];
    for (let attempts = 0; attempts < 20; attempts += 1) {
      const change = await deregisterOrphan(github, { ...DEBT, attempts }, now, () => 0.5, NEVER);
      if (change.kind === 'refused') waits.push(change.nextTry - NOW);
      expect(change).toMatchObject({ reason: 'no line' });
    }
    expect(waits).toEqual([...waits].sort((a, b) => a - b));
    expect(waits[1]).toBeGreaterThan(waits[0] ?? Infinity);
    expect(Math.max(...waits)).toBeLessThanOrEqual(LONGEST);
  });
});
