import type { Mutant } from './mutant.ts';

/** What a tired engineer might get wrong between the program and GitHub. */
export const GITHUB: readonly Mutant[] = [
  {
    name: 'polls are not paced',
    file: 'github/observer.ts',
    from: `    await this.#pace(signal);
`,
    to: '',
  },
  {
    name: 'reads of polls are not counted',
    file: 'github/rest/budget.ts',
    from: "if (priority === 'observation') this.#observationReads.take(1);",
    to: '',
  },
  {
    name: 'a request that GitHub served does not end the count of limits',
    file: 'github/rest/budget.ts',
    from: 'this.#untoldStops = 0;',
    to: '',
  },
  {
    name: 'a runner is deleted in the priority of work',
    file: 'github/runners.ts',
    from: "ask(purposes.remove(scope, runnerId), 'cleanup', signal)",
    to: "ask(purposes.remove(scope, runnerId), 'work', signal)",
  },
  {
    name: 'a runner is looked for in the priority of observation',
    file: 'github/runners.ts',
    from: "    const why = ask(purposes.runners(scope), 'cleanup', signal);",
    to: "    const why = ask(purposes.runners(scope), 'observation', signal);",
  },
  {
    name: 'a limit does not turn away who waits already',
    file: 'github/rest/budget.ts',
    from: `    this.#points.refuse(error);
`,
    to: '',
  },
  {
    name: 'a limit does not turn away who waits to write',
    file: 'github/rest/budget.ts',
    from: `    this.#writes.refuse(error);
`,
    to: '',
  },
  {
    name: 'refusals that came together count one by one',
    file: 'github/rest/budget.ts',
    from: 'until === null && (this.#stop === null || this.#stop.until <= now)',
    to: 'until === null',
  },
  {
    name: 'a limit without end is believed',
    file: 'github/rest/budget.ts',
    from: 'Math.min(Math.max(until ?? now + untold, now + 1_000), now + LONGEST_STOP)',
    to: 'Math.max(until ?? now + untold, now + 1_000)',
  },
  {
    name: 'a limit that was over before it began holds nobody',
    file: 'github/rest/budget.ts',
    from: 'Math.max(until ?? now + untold, now + 1_000)',
    to: '(until ?? now + untold)',
  },
  {
    name: 'a clock that was set back makes a limit endless',
    file: 'github/rest/budget.ts',
    from: 'if (left <= 0 || left > LONGEST_STOP) this.#stop = null;',
    to: 'if (left <= 0) this.#stop = null;',
  },
  {
    name: 'a request that waited goes out in the middle of a limit',
    file: 'github/rest/budget.ts',
    from: `    await this.#points.pass(POINTS[kind], priority, signal);
    this.#open();`,
    to: '    await this.#points.pass(POINTS[kind], priority, signal);',
  },
  {
    name: 'a write costs as much as a read',
    file: 'github/rest/budget.ts',
    from: 'write: 5',
    to: 'write: 1',
  },
  {
    name: 'a burst grows while nothing is asked',
    file: 'github/rest/request-queue.ts',
    from: 'Math.min(this.#burst, this.#tokens + (passed / 1000) * this.#perSecond)',
    to: 'this.#tokens + (passed / 1000) * this.#perSecond',
  },
  {
    name: 'a clock that was set back takes tokens away',
    file: 'github/rest/request-queue.ts',
    from: 'Math.max(0, now - this.#at)',
    to: 'now - this.#at',
  },
  {
    name: 'a clock that was set back freezes the minute',
    file: 'github/rest/request-queue.ts',
    from: 'now - at < MINUTE && at <= now',
    to: 'now - at < MINUTE',
  },
  {
    name: 'work may spend all of the minute',
    file: 'github/rest/request-queue.ts',
    from: 'work: Math.floor(cap * shares.work)',
    to: 'work: cap',
  },
  {
    name: 'cleanup waits its turn like everybody',
    file: 'github/rest/request-queue.ts',
    from: "['cleanup', 'work', 'observation']",
    to: "['work', 'cleanup', 'observation']",
  },
  {
    name: 'who gave up waiting spends all the same',
    file: 'github/rest/request-queue.ts',
    from: 'this.#waiters = this.#waiters.filter((other) => other !== waiter);',
    to: '',
  },
  {
    name: 'cleanup waits behind the sleep of others',
    file: 'github/rest/request-queue.ts',
    from: `      this.#wake.abort();
      if (!this.#draining)`,
    to: '      if (!this.#draining)',
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
    name: 'runs that GitHub cuts away are no runs',
    file: 'github/runs.ts',
    from: 'if (cut !== null) error ??=',
    to: "if (cut === '') error ??=",
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
    name: 'a refusal ends the count of limits',
    file: 'github/rest/requester.ts',
    from: 'if (answer.status < 400) this.#budget.served();',
    to: 'this.#budget.served();',
  },
  {
    name: 'the state of the primary limit is not noted',
    file: 'github/rest/requester.ts',
    from: 'this.#rateLimit = { limit, remaining, resetsAt: reset * 1000 };',
    to: '',
  },
  {
    name: 'the reset of the primary limit is in seconds',
    file: 'github/rest/requester.ts',
    from: 'resetsAt: reset * 1000',
    to: 'resetsAt: reset',
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
    name: 'a 403 that limits is a lack of permission',
    file: 'github/errors.ts',
    from: 'if (answer.status !== 403 && answer.status !== 429) return null;',
    to: 'if (answer.status !== 429) return null;',
  },
  {
    name: 'retry-after is in milliseconds',
    file: 'github/errors.ts',
    from: 'now + retryAfter * 1000',
    to: 'now + retryAfter',
  },
  {
    name: 'an empty primary limit is asked for again at once',
    file: 'github/errors.ts',
    from: "if (header(answer, 'x-ratelimit-remaining') === '0' && reset !== null)",
    to: "if (header(answer, 'x-ratelimit-remaining') === '0' && reset === 0)",
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
    name: 'a run is gone the first time that GitHub says so',
    file: 'github/observer.ts',
    from: 'const GONE_AFTER = 2;',
    to: 'const GONE_AFTER = 1;',
  },
  {
    name: 'a run that left the lists is forgotten before its jobs are over',
    file: 'github/observer.ts',
    from: 'into.open.set(run.id, { run, missed: 0, overdue: false });',
    to: 'into.open.delete(run.id);',
  },
  {
    name: 'what was not reached goes last again',
    file: 'github/observer.ts',
    from: '?.overdue === true ? 0 : 1',
    to: '?.overdue === true ? 1 : 1',
  },
  {
    name: 'jobs of a run that cannot be read are no jobs',
    file: 'github/observer.ts',
    from: `      into.unread.push({ scope: run.scope, what: 'jobs', runId: run.id, why: error.message });
`,
    to: '',
  },
  {
    name: 'runners that cannot be read are no runners',
    file: 'github/observer.ts',
    from: `      into.unread.push({ scope, what: 'runners', runId: null, why: error.message });
`,
    to: '',
  },
  {
    name: 'one dead repository is trouble for all',
    file: 'github/observer.ts',
    from: 'unread === scopes.length',
    to: 'unread > 0',
  },
  {
    name: 'a poll has no time of its own',
    file: 'github/observer.ts',
    from: 'await withDeadline(signal, this.#tuning.observationBudget, (inner) =>',
    to: 'await withDeadline(signal, this.#tuning.observationBudget * 1_000, (inner) =>',
  },
  {
    name: 'runs in progress hold no queued jobs',
    file: 'github/runs.ts',
    from: "['waiting', 'queued', 'in_progress']",
    to: "['waiting', 'queued']",
  },
  {
    name: 'a list of runs that cannot be read is empty',
    file: 'github/runs.ts',
    from: 'error ??= githubError(failure);',
    to: 'void failure;',
  },
  {
    name: 'the newest runs are never read without a filter',
    file: 'github/runs.ts',
    from: `  if (question.sweep) reads.push(sweep());
`,
    to: '',
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
