import type { Mutant } from './mutant.ts';

/** What a tired engineer might get wrong between the program and GitHub. */
export const GITHUB: readonly Mutant[] = [
  {
    name: 'reads of jobs are not paced',
    file: 'github/rest/governor/governor.ts',
    from: "priority === 'fresh' || priority === 'turn' ? this.#pace.wait() : 0",
    to: '0',
  },
  {
    name: 'lists wait for the pace of reads',
    file: 'github/rest/governor/governor.ts',
    from: "priority === 'fresh' || priority === 'turn' ? this.#pace.wait()",
    to: "purposeOf(priority) === 'observation' ? this.#pace.wait()",
  },
  {
    name: 'any number of requests is out at once',
    file: 'github/rest/governor/governor.ts',
    from: 'this.#out[priority] < this.#tuning.places[priority] ? 0 : Infinity',
    to: '0',
  },
  {
    name: 'a place is not given back',
    file: 'github/rest/governor/governor.ts',
    from: `      this.#out[priority] -= 1;
`,
    to: '',
  },
  {
    name: 'a place is given back twice',
    file: 'github/rest/governor/governor.ts',
    from: `      if (isOver) return;
`,
    to: '',
  },
  {
    name: 'nobody looks when a place is free',
    file: 'github/rest/governor/governor.ts',
    from: `      this.#hour.over(priority, free);
      this.#queue.look();`,
    to: '      this.#hour.over(priority, free);',
  },
  {
    name: 'registration and cleanup do not take turns',
    file: 'github/rest/governor/governor.ts',
    from: `    this.#wroteLast = priority;
`,
    to: '',
  },
  {
    name: 'what changed waits for every list',
    file: 'github/rest/governor/governor.ts',
    from: 'const reads: readonly Priority[] = this.#hour.freshFirst',
    to: 'const reads: readonly Priority[] = this.#hour === null',
  },
  {
    name: 'a write costs as much as a read',
    file: 'github/rest/governor/governor.ts',
    from: 'write: 5',
    to: 'write: 1',
  },
  {
    name: 'a limit does not turn away who waits already',
    file: 'github/rest/governor/governor.ts',
    from: `    this.#queue.refuse(this.#stop.refusal());
`,
    to: '',
  },
  {
    name: 'a request that was let through goes out in the middle of a limit',
    file: 'github/rest/governor/governor.ts',
    from: `    try {
      this.#stop.check();`,
    to: `    try {
      void this.#stop;`,
  },
  {
    name: 'a request that was turned away keeps its place',
    file: 'github/rest/governor/governor.ts',
    from: `      over(true);
      throw error;`,
    to: '      throw error;',
  },
  {
    name: 'cleanup waits out the hour',
    file: 'github/rest/governor/governor.ts',
    from: `    if (priority === 'cleanup' && this.#hour.wait('cleanup') > 0) throw keptForRegistration();
`,
    to: '',
  },
  {
    name: 'cleanup that waits already waits out the hour',
    file: 'github/rest/governor/governor.ts',
    from: `    if (this.#hour.wait('cleanup') > 0) this.#queue.refuse(keptForRegistration(), 'cleanup');
`,
    to: '',
  },
  {
    name: 'everybody is turned away with cleanup',
    file: 'github/rest/governor/request-queue.ts',
    from: 'priority === undefined || key.startsWith(`${priority} `)',
    to: 'true',
  },
  {
    name: 'who gave up waiting spends all the same',
    file: 'github/rest/governor/request-queue.ts',
    from: `        if (at >= 0) lane.splice(at, 1);
`,
    to: '',
  },
  {
    name: 'who comes waits behind the sleep of others',
    file: 'github/rest/governor/request-queue.ts',
    from: `      this.look();
      if (!this.#draining)`,
    to: '      if (!this.#draining)',
  },
  {
    name: 'reads nibble at the points that a write waits for',
    file: 'github/rest/governor/request-queue.ts',
    from: `      others ||= wantsPoints;
`,
    to: '',
  },
  {
    name: 'a purpose may spend what is kept for others',
    file: 'github/rest/governor/minute.ts',
    from: 'sum + cost <= this.#cap - kept',
    to: 'sum + cost <= this.#cap',
  },
  {
    name: 'what a purpose has spent is kept for it all the same',
    file: 'github/rest/governor/minute.ts',
    from: 'Math.max(0, floor - sums[name])',
    to: 'floor',
  },
  {
    name: 'points are never given back',
    file: 'github/rest/governor/minute.ts',
    from: 'now - at < MINUTE',
    to: 'at <= now',
  },
  {
    name: 'points are given back early',
    file: 'github/rest/governor/minute.ts',
    from: 'now - at < MINUTE',
    to: 'now - at < MINUTE - 1_000',
  },
  {
    name: 'a burst grows while nothing is asked',
    file: 'github/rest/governor/token-bucket.ts',
    from: 'Math.min(this.#burst, this.#tokens + ((now - this.#at) / 1000) * this.#perSecond)',
    to: 'this.#tokens + ((now - this.#at) / 1000) * this.#perSecond',
  },
  {
    name: 'refusals that came together count one by one',
    file: 'github/rest/governor/stop.ts',
    from: 'wait === null && (this.#until === null || this.#until <= now)',
    to: 'wait === null',
  },
  {
    name: 'a limit without end is believed',
    file: 'github/rest/governor/stop.ts',
    from: 'now + Math.min(Math.max(wait ?? untold, 1_000), LONGEST_STOP)',
    to: 'now + Math.max(wait ?? untold, 1_000)',
  },
  {
    name: 'a limit that was over before it began holds nobody',
    file: 'github/rest/governor/stop.ts',
    from: 'Math.max(wait ?? untold, 1_000)',
    to: '(wait ?? untold)',
  },
  {
    name: 'a later answer shortens a limit',
    file: 'github/rest/governor/stop.ts',
    from: `    if (this.#until !== null && this.#until >= until) return this.#until;
`,
    to: '',
  },
  {
    name: 'a request that GitHub served does not end the count of limits',
    file: 'github/rest/governor/stop.ts',
    from: `    this.#untold = 0;
`,
    to: '',
  },
  {
    name: 'observation eats the reserve',
    file: 'github/rest/governor/hour.ts',
    from: 'reserve * STOPS_AT[priority]',
    to: 'reserve * Math.min(0, STOPS_AT[priority])',
  },
  {
    name: 'reads in turn leave nothing of the burst',
    file: 'github/rest/governor/hour.ts',
    from: 'const LEFT_BY_TURN = 1 / 4;',
    to: 'const LEFT_BY_TURN = 0;',
  },
  {
    name: 'a free read costs what a counted one does',
    file: 'github/rest/governor/hour.ts',
    from: 'if (free) this.#earned += 1;',
    to: 'if (free) this.#earned += 0;',
  },
  {
    name: 'a read costs nothing until its answer',
    file: 'github/rest/governor/hour.ts',
    from: "if (purposeOf(priority) === 'observation') this.#earned -= 1;",
    to: '',
  },
  {
    name: 'an answer that was overtaken is believed',
    file: 'github/rest/governor/hour.ts',
    from: 'isSame ? Math.min(before.remaining, remaining) : remaining',
    to: 'remaining',
  },
  {
    name: 'the hour is never renewed',
    file: 'github/rest/governor/hour.ts',
    from: 'if (now >= resetAt) this.#known',
    to: 'if (now > resetAt + HOUR) this.#known',
  },
  {
    name: 'what is earned is saved without bound',
    file: 'github/rest/governor/hour.ts',
    from: 'Math.min(this.#burst(limit), this.#earned + passed * rate)',
    to: 'this.#earned + passed * rate',
  },
  {
    name: 'lists and what changed do not take turns',
    file: 'github/rest/governor/hour.ts',
    from: "this.#earned < 2 && this.#paidLast === 'list'",
    to: 'this.#paidLast === null',
  },
  {
    name: 'lists let what changed go first while there is plenty',
    file: 'github/rest/governor/hour.ts',
    from: 'this.#earned < 2 && ',
    to: '',
  },
  {
    name: 'retry-after is in milliseconds',
    file: 'github/rest/limits.ts',
    from: 'return seconds * 1_000;',
    to: 'return seconds;',
  },
  {
    name: 'a date in retry-after is a length',
    file: 'github/rest/limits.ts',
    from: 'sentAt === null ? null : at - sentAt',
    to: 'sentAt === null ? null : at',
  },
  {
    name: 'an empty primary limit is asked for again within its last second',
    file: 'github/rest/limits.ts',
    from: 'left + 1_000 : null',
    to: 'left : null',
  },
  {
    name: 'an empty primary limit lasts until its reset, whatever is left',
    file: 'github/rest/limits.ts',
    from: "header(answer, 'x-ratelimit-remaining') === '0' && left !== null",
    to: 'left !== null',
  },
  {
    name: 'a limit of another resource is ours',
    file: 'github/rest/limits.ts',
    from: "(header(answer, 'x-ratelimit-resource') ?? 'core') === 'core'",
    to: 'answer.status > 0',
  },
  {
    name: 'a 403 with retry-after is a lack of permission',
    file: 'github/rest/limits.ts',
    from: "header(answer, 'retry-after') !== null ||",
    to: '',
  },
  {
    name: 'a 429 is a refusal',
    file: 'github/rest/limits.ts',
    from: 'if (answer.status === 429) return true;',
    to: '',
  },
  {
    name: 'nobody hears the throttling plugin',
    file: 'github/rest/octokit.ts',
    from: "if (typeof request.limited === 'function') request.limited();",
    to: '',
  },
  {
    name: 'the throttling plugin lets one write through at a time',
    file: 'github/rest/octokit.ts',
    from: `    write: THROUGH,
`,
    to: '',
  },
  {
    name: 'a refusal ends the count of limits',
    file: 'github/rest/requester.ts',
    from: 'if (answer.status < 400) this.#governor.served();',
    to: 'this.#governor.served();',
  },
  {
    name: 'the state of the primary limit is not noted',
    file: 'github/rest/requester.ts',
    from: 'this.#rateLimit = rateLimitOf(answer) ?? this.#rateLimit;',
    to: '',
  },
  {
    name: 'the governor does not hear what is left',
    file: 'github/rest/requester.ts',
    from: 'if (left !== null) this.#governor.heard(left);',
    to: '',
  },
  {
    name: 'a 304 costs',
    file: 'github/rest/requester.ts',
    from: 'flight.isFree = answer.status === 304 || flight.isLimited;',
    to: 'flight.isFree = flight.isLimited;',
  },
  {
    name: 'a refusal because of a limit costs',
    file: 'github/rest/requester.ts',
    from: 'flight.isFree = answer.status === 304 || flight.isLimited;',
    to: 'flight.isFree = answer.status === 304;',
  },
  {
    name: 'a request that was not sent costs',
    file: 'github/rest/requester.ts',
    from: 'over(flight.isFree || !flight.isSent);',
    to: 'over(flight.isFree);',
  },
  {
    name: 'requests are counted for ever',
    file: 'github/rest/request-counts.ts',
    from: 'number - minute.number < MINUTES',
    to: 'number >= minute.number',
  },
  {
    name: 'a runner is deleted in the priority of registration',
    file: 'github/runners.ts',
    from: "ask(purposes.remove(scope, runnerId), 'cleanup', signal)",
    to: "ask(purposes.remove(scope, runnerId), 'registration', signal)",
  },
  {
    name: 'a runner is looked for in the priority of observation',
    file: 'github/runners.ts',
    from: "    const why = ask(purposes.runners(scope), 'cleanup', signal);",
    to: "    const why = ask(purposes.runners(scope), 'list', signal);",
  },
  {
    name: 'a page of an earlier token stands for a new one',
    file: 'github/rest/etag.ts',
    from: '${key.apiVersion} ${key.generation}`',
    to: '${key.apiVersion}`',
  },
  {
    name: 'pages of an earlier token fill the cache',
    file: 'github/rest/etag.ts',
    from: 'if (key.generation !== this.#generation) this.#clear(key.generation);',
    to: '',
  },
  {
    name: 'the page that is used most goes first',
    file: 'github/rest/etag.ts',
    from: `    this.#entries.delete(name);
    this.#entries.set(name, entry);
`,
    to: '',
  },
  {
    name: 'a page that was let go counts for the size',
    file: 'github/rest/etag.ts',
    from: `    this.#size -= entry.size;
`,
    to: '',
  },
  {
    name: 'an item that slips between two pages is lost',
    file: 'github/rest/lists.ts',
    from: 'pass <= 2',
    to: 'pass <= 1',
  },
  {
    name: 'a list that is short is complete',
    file: 'github/rest/lists.ts',
    from: 'return { items: [...items.values()], cut };',
    to: 'return { items: [...items.values()], cut: null };',
  },
  {
    name: 'a short list of runners stands for all of them',
    file: 'github/rest/lists.ts',
    from: 'if (!list.mayBeCut)',
    to: "if (list.url === '')",
  },
  {
    name: 'a list is led away to another origin',
    file: 'github/rest/lists.ts',
    from: 'if (origin !== new URL(from).origin)',
    to: "if (origin === '')",
  },
  {
    name: 'a list may lead back to itself',
    file: 'github/rest/lists.ts',
    from: "if (seen.has(url)) return 'its pages lead back to one another';",
    to: '',
  },
  {
    name: 'only the first page is read',
    file: 'github/rest/lists.ts',
    from: `      url = page.next;
`,
    to: `      url = null;
`,
  },
  {
    name: 'a list that is slow in large pages is unread',
    file: 'github/rest/lists.ts',
    from: 'if (!(error instanceof GithubError) || !isTooSlow(error)) throw error;',
    to: 'if (error instanceof GithubError) throw error;',
  },
  {
    name: 'a list that was slow is asked for in large pages first',
    file: 'github/rest/lists.ts',
    from: `      this.#small.add(list.url);
`,
    to: '',
  },
  {
    name: 'every failure is tried again',
    file: 'github/rest/retry.ts',
    from: "error.code !== 'unreachable') throw error;",
    to: "error.code === 'lost') throw error;",
  },
  {
    name: 'reads are not tried again',
    file: 'github/rest/retry.ts',
    from: 'if (tried >= policy.tries ||',
    to: 'if (tried >= 1 ||',
  },
  {
    name: 'every wait between tries is as long',
    file: 'github/rest/retry.ts',
    from: 'policy.delay * 2 ** (tried - 1) * jitter',
    to: 'policy.delay * jitter',
  },
  {
    name: 'a promise to do it is done',
    file: 'github/rest/requester.ts',
    from: 'status === 200 || status === 201 || status === 204',
    to: 'status >= 200 && status < 300',
  },
  {
    name: 'a 304 that was not asked for is an empty page',
    file: 'github/rest/requester.ts',
    from: 'if (answer.status === 304 && cached !== undefined) return cached as CachedPage & Page<T>;',
    to: 'if (answer.status === 304) return (cached ?? { data: { runners: [] }, next: null }) as CachedPage & Page<T>;',
  },
  {
    name: 'a token goes to another origin',
    file: 'github/rest/transport.ts',
    from: 'if (url.origin !== options.origin) {',
    to: "if (url.origin === '') {",
  },
  {
    name: 'a write follows a redirect',
    file: 'github/rest/transport.ts',
    from: `    if (!isRead) {
`,
    to: `    if (!isRead && location === null) {
`,
  },
  {
    name: 'redirects are followed for ever',
    file: 'github/rest/transport.ts',
    from: 'hops <= MAX_REDIRECTS',
    to: 'hops <= 50',
  },
  {
    name: 'an answer without end is taken in',
    file: 'github/rest/transport.ts',
    from: `    if (size > limit) throw new TransportError('too-large', \`the answer is larger than \${limit} bytes\`);
`,
    to: '',
  },
  {
    name: 'a request that may have been sent is called not sent',
    file: 'github/rest/transport.ts',
    from: "NOT_SENT.has(code) ? 'not-sent' : 'cut'",
    to: "NOT_SENT.has(code) ? 'cut' : 'not-sent'",
  },
  {
    name: 'a broken token is quoted in an error',
    file: 'github/rest/transport.ts',
    from: `if (!/^[\\x21-\\x7e]+$/.test(secret)) {`,
    to: "if (secret === '') {",
  },
  {
    name: 'a lost answer to a registration is a plain failure',
    file: 'github/errors.ts',
    from: "return error.code === 'unreachable' || error.code === 'unexpected';",
    to: 'return false;',
  },
  {
    name: 'a name that exists was never made',
    file: 'github/errors.ts',
    from: 'if (error.cause instanceof AnswerError && error.cause.status === 409) return true;',
    to: '',
  },
  {
    name: 'a request that timed out was never made',
    file: 'github/errors.ts',
    from: "['timeout', 'cut', 'too-large'].includes",
    to: "['cut', 'too-large'].includes",
  },
  {
    name: 'newest runs that are over are read',
    file: 'github/reads.ts',
    from: 'newest.filter(({ status }) => UNFINISHED.has(status))',
    to: 'newest.filter(() => true)',
  },
  {
    name: 'runs that wait for others to end are over',
    file: 'github/reads.ts',
    from: "['queued', 'in_progress', 'waiting', 'pending']",
    to: "['queued', 'in_progress', 'waiting']",
  },
  {
    name: 'a list that was slow once is read in small pages for ever',
    file: 'github/reads.ts',
    from: `          this.#lists.forgetSlow();
`,
    to: '',
  },
  {
    name: 'an answer is as old as its wait for the budget',
    file: 'github/reads.ts',
    from: 'if (!isSent) askedAt = this.#clock.now();',
    to: '',
  },
  {
    name: 'an answer is as new as its last page',
    file: 'github/reads.ts',
    from: 'if (!isSent) askedAt = this.#clock.now();',
    to: 'askedAt = this.#clock.now();',
  },
  {
    name: 'a list that is cut is whole',
    file: 'github/reads.ts',
    from: 'runs: items.map((run) => toRun(run, scope)), cut }',
    to: 'runs: items.map((run) => toRun(run, scope)), cut: null }',
  },
  {
    name: 'a run that is run again has not changed',
    file: 'github/shapes.ts',
    from: "[run_attempt ?? '', status ?? '', updated_at ?? '']",
    to: "[status ?? '', updated_at ?? '']",
  },
  {
    name: 'a run in another status has not changed',
    file: 'github/shapes.ts',
    from: "[run_attempt ?? '', status ?? '', updated_at ?? '']",
    to: "[run_attempt ?? '', updated_at ?? '']",
  },
  {
    name: 'a run with one more job has not changed',
    file: 'github/shapes.ts',
    from: "[run_attempt ?? '', status ?? '', updated_at ?? '']",
    to: "[run_attempt ?? '', status ?? '']",
  },
  {
    name: 'an unknown status is queued',
    file: 'github/shapes.ts',
    from: "? status : 'held'",
    to: "? status : 'queued'",
  },
  {
    name: "nobody's job has a runner without a name",
    file: 'github/shapes.ts',
    from: "job.runner_name === '' ? null : (job.runner_name ?? null)",
    to: 'job.runner_name ?? null',
  },
  {
    name: 'an offline runner is online',
    file: 'github/shapes.ts',
    from: "online: runner.status === 'online'",
    to: "online: runner.status !== ''",
  },
  {
    name: 'a runner is found by the beginning of its name',
    file: 'github/runners.ts',
    from: 'items.find(({ name }) => name === runnerName)',
    to: 'items.find(({ name }) => name.startsWith(runnerName))',
  },
  {
    name: 'a repository out of sight has let its runner go',
    file: 'github/runners.ts',
    from: `      await this.#lists.first(urls.runners(null), ask(purposes.runners(scope), 'cleanup', signal));
`,
    to: '',
  },
  {
    name: 'a refusal for a job that runs is a failure',
    file: 'github/runners.ts',
    from: "if (status === 422) return 'busy';",
    to: '',
  },
  {
    name: 'what a lost answer has made stays',
    file: 'github/registration.ts',
    from: 'const outcome = await this.#undo(order, signal);',
    to: "const outcome = 'it is left to others';",
  },
  {
    name: 'a runner at work under a lost name is removed',
    file: 'github/registration.ts',
    from: 'if (runner.online || runner.busy)',
    to: 'if (runner.id < 0)',
  },
  {
    name: 'what a lost answer has made is looked for once',
    file: 'github/registration.ts',
    from: `      if (runner !== null) return runner;
`,
    to: `      return runner;
`,
  },
  {
    name: 'a registration token is used to its last second',
    file: 'github/registration-tokens.ts',
    from: 'now < held.expiresAt - SPARE',
    to: 'now < held.expiresAt',
  },
  {
    name: 'a registration token outlives the token that got it',
    file: 'github/registration-tokens.ts',
    from: 'held.generation === generation && ',
    to: '',
  },
  {
    name: 'everybody who waits asks for a registration token',
    file: 'github/registration-tokens.ts',
    from: 'this.#flights.get(key) ?? this.#fly(',
    to: 'this.#fly(',
  },
];
