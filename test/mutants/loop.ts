import type { Mutant } from './mutant.ts';

/** What a tired engineer might get wrong where effects are carried out and time passes. */
export const LOOP: readonly Mutant[] = [
  {
    name: 'a limit that an effect met is forgotten',
    file: 'loop/loop.ts',
    from: 'limited: (until, why) => this.#known.limit({ since: options.clock.now(), until, why }),',
    to: 'limited: () => undefined,',
  },
  {
    name: 'a runner that was let go is an orphan by the list before it',
    file: 'loop/loop.ts',
    from: "if (change.kind === 'debt-cleared') this.#known.forgetRunner(change.runnerName);",
    to: '',
  },
  {
    name: 'what is on disk is written again at every tick',
    file: 'loop/keeper.ts',
    from: 'if (this.#state === saving) this.#dirty = false;',
    to: 'void saving;',
  },
  {
    name: 'what changed during a save counts as saved',
    file: 'loop/keeper.ts',
    from: 'if (this.#state === saving) this.#dirty = false;',
    to: 'this.#dirty = false;',
  },
  {
    name: 'changes are never written',
    file: 'loop/keeper.ts',
    from: 'if (news.length > 0 || !sameInstances(before, this.#state)) this.#dirty = true;',
    to: '',
  },
  {
    name: 'a wish that comes during a tick is lost',
    file: 'loop/ticker.ts',
    from: 'this.#again = true;',
    to: 'this.#again = false;',
  },
  {
    name: 'two ticks overlap',
    file: 'loop/ticker.ts',
    from: 'if (this.#ticking !== null) {',
    to: 'if (this.#ticking !== null && this.#again) {',
  },
  {
    name: 'one tick that fails is the last',
    file: 'loop/ticker.ts',
    from: 'this.#failed(error);',
    to: 'throw error;',
  },
  {
    name: 'effects begin before their promise is stored',
    file: 'loop/loop.ts',
    from: 'if (await this.#keeper.save()) this.#executor.dispatch(decided.effects);',
    to: `this.#executor.dispatch(decided.effects);
    await this.#keeper.save();`,
  },
  {
    name: 'effects begin though their promise could not be stored',
    file: 'loop/loop.ts',
    from: 'if (await this.#keeper.save()) this.#executor.dispatch(decided.effects);',
    to: `await this.#keeper.save();
    this.#executor.dispatch(decided.effects);`,
  },
  {
    name: 'every poll is written to disk',
    file: 'loop/keeper.ts',
    from: 'if (news.length > 0 || !sameInstances(before, this.#state)) this.#dirty = true;',
    to: 'if (before !== this.#state) this.#dirty = true;',
  },
  {
    name: 'unanswered time is not written to disk',
    file: 'loop/keeper.ts',
    from: 'return a.instances.every((one, at) => one === b.instances[at]);',
    to: 'return a.instances.length === b.instances.length;',
  },
  {
    name: 'what could not be stored is lost at the end',
    file: 'loop/loop.ts',
    from: `await this.#keeper.save();
    }`,
    to: '}',
  },
  {
    name: 'what an operator wishes is called stored though it is not',
    file: 'loop/loop.ts',
    from: "if (!(await this.#keeper.save())) throw new Error('the ledger could not be written');",
    to: 'await this.#keeper.save();',
  },
  {
    name: 'a credential that is used up is kept',
    file: 'loop/loop.ts',
    from: "if (change.kind === 'online' || change.kind === 'busy') this.#discardCredential(change.name);",
    to: "if (change.kind === 'online') this.#discardCredential(change.name);",
  },
  {
    name: 'a drain flag that cannot be read is none',
    file: 'loop/loop.ts',
    from: 'this.#options.events.drainUnreadable(error);',
    to: `this.#draining = false;
      this.#options.events.drainUnreadable(error);`,
  },
  {
    name: 'a drain is forgotten by a restart of the loop',
    file: 'loop/loop.ts',
    from: 'await this.#options.drain.set(on);',
    to: 'void this.#options.drain;',
  },
  {
    name: 'one watcher that fails leaves the other alone',
    file: 'loop/loop.ts',
    from: 'for (const watcher of watchers) watcher.catch(() => both.abort());',
    to: 'for (const watcher of watchers) watcher.catch(() => undefined);',
  },
  {
    name: 'an end of an effect wakes nobody',
    file: 'loop/loop.ts',
    from: 'done: () => this.#hostClock.wake(),',
    to: 'done: () => undefined,',
  },
  {
    name: 'an event on the host wakes nobody',
    file: 'loop/loop.ts',
    from: 'this.#options.engine.watch(() => this.#hostClock.wake());',
    to: 'this.#options.engine.watch(() => undefined);',
  },
  {
    name: 'a host that cannot be read is well',
    file: 'loop/loop.ts',
    from: 'engineReadable: this.#host.ok || this.#lastTick === null,',
    to: 'engineReadable: true,',
  },
  {
    name: 'what GitHub says waits for the next look at the host',
    file: 'loop/loop.ts',
    from: 'if (isNew) void this.#ticker.tick();',
    to: '',
  },
  {
    name: 'each look at what is due is a poll',
    file: 'loop/poller.ts',
    from: 'if (now >= this.#pollAt + pollInterval) this.#pollAt = now;',
    to: 'this.#pollAt = now;',
  },
  {
    name: 'a part is asked for twice at once',
    file: 'loop/poller.ts',
    from: `    if (this.#underWay.has(key)) return;
`,
    to: '',
  },
  {
    name: 'jobs that hang hold up lists',
    file: 'loop/poller.ts',
    from: `    if (rank === 'list') return true;
`,
    to: '',
  },
  {
    name: 'lists that hang hold up jobs',
    file: 'loop/poller.ts',
    from: "filter((it) => it.rank !== 'list')",
    to: 'filter(() => true)',
  },
  {
    name: 'a thousand reads are under way at once',
    file: 'loop/poller.ts',
    from: 'const AT_ONCE = 3;',
    to: 'const AT_ONCE = 1_000;',
  },
  {
    name: 'a read that hangs keeps its place',
    file: 'loop/poller.ts',
    from: 'const SLOW: Millis = 5_000;',
    to: 'const SLOW: Millis = 500_000;',
  },
  {
    name: 'slow reads are without bound',
    file: 'loop/poller.ts',
    from: 'const SLOW_AT_ONCE = 13;',
    to: 'const SLOW_AT_ONCE = 1_000;',
  },
  {
    name: 'reads in turn leave no place for fresh ones',
    file: 'loop/poller.ts',
    from: 'const TURNS_AT_ONCE = 1;',
    to: 'const TURNS_AT_ONCE = 12;',
  },
  {
    name: 'every read is as urgent as a list',
    file: 'loop/poller.ts',
    from: 'github.read(part, rank, inner)',
    to: "github.read(part, 'list', inner)",
  },
  {
    name: 'an answer wakes nobody',
    file: 'loop/poller.ts',
    from: `      this.#underWay.delete(key);
      this.#clock.wake();`,
    to: '      this.#underWay.delete(key);',
  },
  {
    name: 'what a limit held up waits for a poll after it',
    file: 'loop/poller.ts',
    from: `    if (limited !== null) return limited.until;
`,
    to: '',
  },
  {
    name: 'what failed is tried again in polls only',
    file: 'loop/poller.ts',
    from: 'nextTry(known, now) ?? Infinity, ...slow',
    to: '...slow',
  },
  {
    name: 'an answer that comes after the end is taken in',
    file: 'loop/poller.ts',
    from: 'if (!signal.aborted) heard(known.answer(part, answer, clock.now()));',
    to: 'heard(known.answer(part, answer, clock.now()));',
  },
  {
    name: 'what is called off has failed',
    file: 'loop/poller.ts',
    from: 'if (!signal.aborted) {',
    to: 'if (signal !== null) {',
  },
  {
    name: 'a part that met a limit has failed',
    file: 'loop/poller.ts',
    from: "error.code === 'rate-limited' && error.retryAt !== null",
    to: "error.code === 'lost' && error.retryAt !== null",
  },
  {
    name: 'whatever fails is gone',
    file: 'loop/poller.ts',
    from: "const gone = error instanceof GithubError && error.code === 'not-found';",
    to: 'const gone = error instanceof GithubError;',
  },
  {
    name: 'nothing is ever gone',
    file: 'loop/poller.ts',
    from: "const gone = error instanceof GithubError && error.code === 'not-found';",
    to: 'const gone = false;',
  },
  {
    name: 'a single poll tries again what fails',
    file: 'loop/poller.ts',
    from: 'if (asked.has(keyOf(read.part)) || !this.#hasPlace(read.rank, now)) continue;',
    to: 'if (!this.#hasPlace(read.rank, now)) continue;',
  },
  {
    name: 'a single poll leaves reads under way behind',
    file: 'loop/poller.ts',
    from: `      await this.#clock.sleep(0, SLOW, signal);
    }
    await this.#end();`,
    to: `      await this.#clock.sleep(0, SLOW, signal);
    }`,
  },
  {
    name: 'the end leaves reads under way behind',
    file: 'loop/poller.ts',
    from: `      await this.#clock.sleep(GAP, Math.max(GAP, this.#next(now) - now), signal);
    }
    await this.#end();`,
    to: `      await this.#clock.sleep(GAP, Math.max(GAP, this.#next(now) - now), signal);
    }`,
  },
  {
    name: 'a clean stop holds a place of the others',
    file: 'loop/executor.ts',
    from: 'if (effect.clean) await engine.destroy(effect.name, { clean: true }, signal);',
    to: 'if (effect.clean) await this.#clean.add(() => engine.destroy(effect.name, { clean: true }, signal));',
  },
  {
    name: 'two effects are at work on one name',
    file: 'loop/executor.ts',
    from: 'if (this.#abort.signal.aborted || this.#inFlight.has(key)) continue;',
    to: 'if (this.#abort.signal.aborted) continue;',
  },
  {
    name: 'an effect is begun after the end',
    file: 'loop/executor.ts',
    from: 'if (this.#abort.signal.aborted || this.#inFlight.has(key)) continue;',
    to: 'if (this.#inFlight.has(key)) continue;',
  },
  {
    name: 'an observation that began before an effect was over is believed',
    file: 'loop/executor.ts',
    from: 'this.#doneIn.set(key, this.#options.observationNumber());',
    to: '',
  },
  {
    name: 'an effect that is over is left alone for ever',
    file: 'loop/executor.ts',
    from: 'if (during < observation) this.#doneIn.delete(name);',
    to: '',
  },
  {
    name: 'what failed is tried again at once',
    file: 'loop/executor.ts',
    from: "if (effect.kind !== 'start') this.#coolDown.begin(coolDownKey, this.#options.clock.now());",
    to: '',
  },
  {
    name: 'what succeeded cools down like before',
    file: 'loop/executor.ts',
    from: `      this.#coolDown.end(coolDownKey);
`,
    to: '',
  },
  {
    name: 'a limit that a retirement met goes unheard',
    file: 'loop/executor.ts',
    from: `        noteLimit(error, this.#options.limited);
`,
    to: '',
  },
  {
    name: 'a start that is under way cannot be cut short',
    file: 'loop/executor.ts',
    from: 'if (start !== undefined) start.abort();',
    to: 'if (start !== undefined) return;',
  },
  {
    name: 'a clean stop that is under way cannot be cut short',
    file: 'loop/executor.ts',
    from: 'else if (this.#inFlight.has(name)) this.#killNow(name);',
    to: '',
  },
  {
    name: 'the end waits for ever',
    file: 'loop/executor.ts',
    from: `    this.#abort.abort();
    await this.#within(ABORTED, over);`,
    to: '    await over;',
  },
  {
    name: 'the end leaves a timer',
    file: 'loop/executor.ts',
    from: `    waited.abort();
`,
    to: '',
  },
  {
    name: 'the cool-down of failures has no bound',
    file: 'loop/cool-down.ts',
    from: `doubled(FIRST, LONGEST, count)`,
    to: `doubled(FIRST, Infinity, count)`,
  },
  {
    name: 'a failure of long ago counts',
    file: 'loop/cool-down.ts',
    from: 'if (until + LONGEST < now) this.#byKey.delete(key);',
    to: 'if (until + LONGEST < 0) this.#byKey.delete(key);',
  },
  {
    name: 'a stop of a reserved one waits for its start',
    file: 'loop/operator.ts',
    from: "if (now || instance.phase === 'reserved') this.#loop.kill(name);",
    to: 'if (now) this.#loop.kill(name);',
  },
  {
    name: 'a kill waits for the clean stop before it',
    file: 'loop/operator.ts',
    from: "if (now || instance.phase === 'reserved') this.#loop.kill(name);",
    to: "if (instance.phase === 'reserved') this.#loop.kill(name);",
  },
  {
    name: "a stop needs GitHub's agreement",
    file: 'loop/operator.ts',
    from: `      return false;
    }
  }`,
    to: `      throw new Error('GitHub does not answer');
    }
  }`,
  },
  {
    name: "an operator's stop is a kill",
    file: 'loop/operator.ts',
    from: 'clean: !now',
    to: 'clean: false',
  },
  {
    name: 'a cleanup takes new jobs meanwhile',
    file: 'loop/operator.ts',
    from: 'await this.#loop.setDraining(true);',
    to: '',
  },
  {
    name: 'a runner that has just got a job is stopped',
    file: 'loop/registrations.ts',
    from: "if (answer === 'busy') return [{ kind: 'busy', name, at, job: null }];",
    to: '',
  },
  {
    name: 'what was never listed is never owed',
    file: 'loop/registrations.ts',
    from: 'const deregistered = runnerId !== null;',
    to: 'const deregistered = true;',
  },
  {
    name: 'a refused debt is cleared',
    file: 'loop/registrations.ts',
    from: `return answer === 'gone'
      ?`,
    to: `return answer !== null
      ?`,
  },
  {
    name: 'a debt without an id is cleared unseen',
    file: 'loop/registrations.ts',
    from: 'const runnerId = debt.runnerId ?? (await github.findRunner(scope, runnerName, signal))?.id ?? null;',
    to: 'const runnerId = debt.runnerId;',
  },
  {
    name: 'a boot begins with a registration that failed',
    file: 'loop/starter.ts',
    from: "if (registered.status === 'rejected' || failure !== undefined) {",
    to: "if (registered.status === 'rejected') {",
  },
  {
    name: 'what was stopped while it was made is started',
    file: 'loop/starter.ts',
    from: "if (signal.aborted || this.#find(name)?.phase !== 'reserved') return;",
    to: 'if (signal.aborted) return;',
  },
  {
    name: 'a lost registration goes on under its old name',
    file: 'loop/starter.ts',
    from: 'current = runnerName(policy.namePrefix, name, policy.controllerId, new Set([current]), random);',
    to: 'runnerName(policy.namePrefix, name, policy.controllerId, new Set([current]), random);',
  },
  {
    name: 'lost answers are repeated for ever',
    file: 'loop/starter.ts',
    from: 'if (!lost || tried === NAMES_PER_START) throw error;',
    to: 'if (!lost || tried === 50) throw error;',
  },
  {
    name: 'a class is blamed for a limit',
    file: 'loop/starter.ts',
    from: "if (error instanceof GithubError && error.code === 'rate-limited') return [...known, stop];",
    to: '',
  },
  {
    name: 'a limit that a registration met goes unheard',
    file: 'loop/starter.ts',
    from: 'noteLimit(failure?.reason, this.#options.limited);',
    to: '',
  },
  {
    name: 'a refused registration is owed',
    file: 'loop/starter.ts',
    from: 'deregistered: refused,',
    to: 'deregistered: false,',
  },
  {
    name: 'a lost registration is not owed',
    file: 'loop/starter.ts',
    from: 'deregistered: refused,',
    to: "deregistered: registered.status === 'rejected',",
  },
  {
    name: 'a class that cannot boot does not back off',
    file: 'loop/starter.ts',
    from: 'if (!signal.aborted) await record(this.#classFailed(instance, error));',
    to: '',
  },
  {
    name: 'a wake while nobody sleeps is lost',
    file: 'loop/wakeable.ts',
    from: `    this.#pending = true;
`,
    to: '',
  },
  {
    name: 'one wake is kept for every sleep to come',
    file: 'loop/wakeable.ts',
    from: `    }
    this.#pending = false;`,
    to: '    }',
  },
  {
    name: 'events follow one another without a pause',
    file: 'loop/wakeable.ts',
    from: `    if (atLeast > 0) await this.#clock.sleep(atLeast, signal);
`,
    to: '',
  },
  {
    name: 'a poll that puts off time-outs is not written to disk',
    file: 'loop/keeper.ts',
    from: 'if (news.length > 0 || !sameInstances(before, this.#state)) this.#dirty = true;',
    to: 'if (news.length > 0) this.#dirty = true;',
  },
  {
    name: 'an operator who resumes waits for the back-off of classes',
    file: 'loop/loop.ts',
    from: 'if (!on) await this.record(failuresCleared(this.state));',
    to: '',
  },
];
