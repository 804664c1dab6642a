/** One way to break the core: a text of one of its files, and what stands there instead. */
export interface Mutant {
  readonly name: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** Each must be caught by the tables or the simulation; most by both. */
export const MUTANTS: readonly Mutant[] = [
  {
    name: 'unknown is empty: an unread part of GitHub takes back demand',
    file: 'plan/snapshot.ts',
    from: `!listed.has(job.id) && unreadCovers(observation.unread, job))
    : [];`,
    to: `!listed.has(job.id) && false)
    : [];`,
  },
  {
    name: 'unknown is empty: a partial look counts as complete',
    file: 'plan/snapshot.ts',
    from: 'const complete = observation.unread.length === 0;',
    to: 'const complete = true;',
  },
  {
    name: 'unknown is empty: a host that cannot be read has no containers',
    file: 'plan/endings.ts',
    from: `if (!seen.host.ok) return { changes: [], effects: [] };
  const { value: host } = seen.host;`,
    to: `const host = seen.host.ok
    ? seen.host.value
    : { askedAt: now, containers: [], namesInUse: [], subnetsInUse: [], freeDisk: null };`,
  },
  {
    name: 'unknown is empty: orphans are found by a host that cannot be read',
    file: 'plan/debts.ts',
    from: 'if (seen.github === null || !seen.host.ok) return [];',
    to: 'if (seen.github === null) return [];',
  },
  {
    name: 'one container too many on the host',
    file: 'plan/capacity.ts',
    from: 'this.#total >= this.#policy.maxConcurrent',
    to: 'this.#total > this.#policy.maxConcurrent',
  },
  {
    name: 'one container too many in a class',
    file: 'plan/capacity.ts',
    from: '?? 0) < runnerClass.max',
    to: '?? 0) <= runnerClass.max',
  },
  {
    name: 'endings hold no slot',
    file: 'plan/capacity.ts',
    from: 'this.#total = state.instances.length;',
    to: "this.#total = state.instances.filter((it) => it.phase !== 'stopping').length;",
  },
  {
    name: 'names are not checked',
    file: 'plan/capacity.ts',
    from: 'containerName(job.id, this.#names)',
    to: 'containerName(job.id, new Set())',
  },
  {
    name: 'runner names are not checked',
    file: 'plan/capacity.ts',
    from: '...state.finished.map((it) => it.runnerName),',
    to: '',
  },
  {
    name: 'subnets are used again',
    file: 'plan/capacity.ts',
    from: 'this.#subnets.add(subnet);',
    to: '',
  },
  {
    name: 'subnets of instances are free',
    file: 'plan/capacity.ts',
    from: 'this.#subnets = new Set(state.instances.map(({ subnet }) => subnet));',
    to: 'this.#subnets = new Set();',
  },
  {
    name: 'release before destroy',
    file: 'plan/endings.ts',
    from: 'if (container === undefined) {',
    to: "if (container === undefined || container.state === 'ended') {",
  },
  {
    name: 'busy ones end when GitHub is blind',
    file: 'plan/endings.ts',
    from: "if (phase === 'busy' && late) {",
    to: "if (phase === 'busy' && (late || (seen.github !== null && !seen.github.complete))) {",
  },
  {
    name: 'an idle one is destroyed without asking GitHub',
    file: 'plan/endings.ts',
    from: "effects.push({ kind: 'retire', name, reason });",
    to: "changes.push({ kind: 'stop', name, reason, clean: false, detail: '', at: now, deregistered: false });",
  },
  {
    name: 'a spare one is destroyed without asking GitHub',
    file: 'plan/plan.ts',
    from: ".map(({ name }) => ({ kind: 'retire', name, reason: 'not-needed' })),",
    to: ".map(({ name }) => ({ kind: 'destroy', name, clean: false })),",
  },
  {
    name: 'wrong reason: a finished job is called an idle exit',
    file: 'plan/facts.ts',
    from: "if (wasBusy) return [end('job-finished', detail)];",
    to: "if (wasBusy) return [end('exited-idle', detail)];",
  },
  {
    name: 'wrong reason: an idle exit is called a finished job',
    file: 'plan/facts.ts',
    from: "if (exit?.code === 0) return [end('exited-idle', detail)];",
    to: "if (exit?.code === 0) return [end('job-finished', detail)];",
  },
  {
    name: 'wrong reason: starts and idling that took too long are mixed up',
    file: 'plan/endings.ts',
    from: "phase === 'starting' ? 'never-online' : 'idle-timeout'",
    to: "phase === 'idle' ? 'never-online' : 'idle-timeout'",
  },
  {
    name: 'what an effect is at work on is believed',
    file: 'plan/facts.ts',
    from: 'if (seen.inFlight.has(instance.name)) continue;',
    to: '',
  },
  {
    name: 'endings do not wait for effects',
    file: 'plan/endings.ts',
    from: 'if (stop === null || seen.inFlight.has(name)) continue;',
    to: 'if (stop === null) continue;',
  },
  {
    name: 'time-outs do not wait for effects',
    file: 'plan/endings.ts',
    from: `    if (seen.inFlight.has(name)) continue;
    const deadline`,
    to: `    const deadline`,
  },
  {
    name: 'what was promised in a time to come is not looked at',
    file: 'plan/facts.ts',
    from: "if (instance.phase === 'stopping' || !seen.host.ok) continue;",
    to: "if (instance.phase === 'stopping' || !seen.host.ok || now < (instance.stages.reservedAt ?? 0)) continue;",
  },
  {
    name: 'what was noted before the clock was set back is waited for',
    file: 'clock-set-back.ts',
    from: 'if (!behind) return state;',
    to: 'if (now > 0) return state;',
  },
  {
    name: 'answers from before the clock was set back are waited for',
    file: 'plan/plan.ts',
    from: 'state.answeredAt !== null && state.answeredAt <= now ? state.answeredAt : -1;',
    to: 'state.answeredAt ?? -1;',
  },
  {
    name: 'what was taken before the clock was set back is subtracted for long',
    file: 'apply.ts',
    from: '(one.at > at && one.at <= now)',
    to: 'one.at > at',
  },
  {
    name: 'an answer in a time to come is new',
    file: 'plan/endings.ts',
    from: 'askedAt <= now && now - askedAt',
    to: 'now - askedAt',
  },
  {
    name: 'a dead scope keeps the others waiting',
    file: 'plan/observed.ts',
    from: '!github.unreadScopes.has(scope)',
    to: 'github.unreadScopes.size === 0',
  },
  {
    name: 'a dead scope keeps what was taken elsewhere',
    file: 'apply.ts',
    from: 'unread.has(one.scope) || (',
    to: 'unread.size > 0 || (',
  },
  {
    name: 'a dead scope has answered with the others',
    file: 'apply.ts',
    from: '(outage || unread.has(one.scope)) && ',
    to: 'outage && ',
  },
  {
    name: 'what GitHub names hides another job of its run',
    file: 'plan/demand.ts',
    from: 'filter(({ runnerName }) => !github.byRunner.has(runnerName));',
    to: 'filter(() => true);',
  },
  {
    name: 'a start fails once for every look that lacks a part',
    file: 'plan/plan.ts',
    from: `        githubAnswers(seen, it.scope) &&
`,
    to: '',
  },
  {
    name: 'jobs wait for a class that rests',
    file: 'plan/capacity.ts',
    from: 'return this.#isBelow(fit) && this.#failureOf(fit) === undefined;',
    to: 'return this.#isBelow(fit);',
  },
  {
    name: 'runners are bound to the job they were made for',
    file: 'plan/demand.ts',
    from: 'supply.takeAny(job, fits, (it) => capacity.inClass(it));',
    to: 'null;',
  },
  {
    name: 'theft goes unnoticed: busy ones still count for their job',
    file: 'plan/demand.ts',
    from: "({ phase }) => phase === 'reserved' || phase === 'starting' || phase === 'idle',",
    to: "({ phase }) => phase !== 'stopping',",
  },
  {
    name: 'what was taken is not subtracted',
    file: 'plan/demand.ts',
    from: 'return queued.filter((it) => !gone.has(it));',
    to: 'return queued;',
  },
  {
    name: 'what GitHub names is subtracted once more',
    file: 'apply.ts',
    from: 'const counted = named ? next : claim(',
    to: 'const counted = claim(',
  },
  {
    name: 'what was taken is subtracted for ever',
    file: 'apply.ts',
    from: 'claimed: state.claimed.filter((one) => unread.has(one.scope) || (one.at > at && one.at <= now)),',
    to: 'claimed: state.claimed,',
  },
  {
    name: 'no job is ever a ghost',
    file: 'plan/demand.ts',
    from: 'ghost.strikes >= GHOST_STRIKES &&',
    to: 'ghost.strikes < 0 &&',
  },
  {
    name: 'a ghost is held for ever',
    file: 'plan/demand.ts',
    from: 'now - ghost.lastAt < GHOST_HELD',
    to: 'true',
  },
  {
    name: 'a class that rests holds every class',
    file: 'plan/capacity.ts',
    from: 'className === runnerClass.name && until > this.#now',
    to: "runnerClass.name !== '' && until > this.#now",
  },
  {
    name: 'a class never rests',
    file: 'plan/capacity.ts',
    from: 'className === runnerClass.name && until > this.#now',
    to: 'className === runnerClass.name && until < 0',
  },
  {
    name: 'debts are settled by an older list',
    file: 'plan/debts.ts',
    from: 'if (asOf !== undefined && asOf > debt.since && listed === undefined) {',
    to: 'if (listed === undefined) {',
  },
  {
    name: 'spare ones are retired by a partial list',
    file: 'plan/plan.ts',
    from: 'if (github === null || !githubAnswers(seen, instance.scope)) return false;',
    to: 'if (github === null) return false;',
  },
  {
    name: 'spare ones are retired by a list from before',
    file: 'plan/plan.ts',
    from: 'return github.askedAt > instance.since && ',
    to: 'return ',
  },
  {
    name: 'time-outs run while GitHub is blind',
    file: 'plan/endings.ts',
    from: 'late && fresh && githubAnswers(seen, instance.scope)',
    to: 'late && seen.github !== null',
  },
  {
    name: 'blind time counts',
    file: 'apply.ts',
    from: 'const outage = at - before > slack;',
    to: 'const outage = false;',
  },
  {
    name: 'the job time-out waits for GitHub',
    file: 'plan/endings.ts',
    from: "if (phase === 'busy' && late) {",
    to: "if (phase === 'busy' && late && fresh) {",
  },
  {
    name: 'there is no job time-out',
    file: 'plan/endings.ts',
    from: "if (phase === 'busy' && late) {",
    to: "if (phase === 'busy' && late && name === '') {",
  },
  {
    name: 'drain goes unheard',
    file: 'plan/capacity.ts',
    from: "if (draining) return { reason: 'draining', detail: 'resume to take new jobs' };",
    to: '',
  },
  {
    name: 'a rebuild retires runners at work',
    file: 'plan/endings.ts',
    from: "return phase === 'idle' && runnerId !== null && githubAnswers(seen, scope);",
    to: 'return runnerId !== null && githubAnswers(seen, scope);',
  },
  {
    name: 'drain retires nobody',
    file: 'plan/endings.ts',
    from: "return draining ? 'drained' : null;",
    to: 'return null;',
  },
  {
    name: 'a release leaves no debt',
    file: 'apply.ts',
    from: 'return one.registered ? addDebt(next, debtOf(one, change.at, change.grace)) : next;',
    to: 'return next;',
  },
  {
    name: 'leftovers are not adopted',
    file: 'plan/leftovers.ts',
    from: "changes.push({ kind: 'adopt', instance: adopted(container, mark, now) });",
    to: '',
  },
  {
    name: 'leftovers that run are ended',
    file: 'plan/leftovers.ts',
    from: "if (container.state !== 'running') {",
    to: 'if (container.name !== "") {',
  },
  {
    name: 'orphans are not found',
    file: 'plan/debts.ts',
    from: 'if (!isOurRunner(runner.name, policy.controllerId)) continue;',
    to: 'if (runner.name !== "") continue;',
  },
  {
    name: 'what vanished is waited for',
    file: 'plan/facts.ts',
    from: "return [end('vanished', 'gone from the host, not by us')];",
    to: 'return [];',
  },
  {
    name: 'a lone flicker of the list takes back demand',
    file: 'plan/demand.ts',
    from: 'for (const job of github.flickered)',
    to: 'for (const job of github.flickered.slice(0, 0))',
  },
  {
    name: 'a late refusal revives what is ending',
    file: 'apply.ts',
    from: "busy: ['reserved', 'starting', 'idle'],",
    to: "busy: ['reserved', 'starting', 'idle', 'stopping'],",
  },
];
