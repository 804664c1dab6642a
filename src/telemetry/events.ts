import type { Change } from '../core/change.ts';
import type { Effect } from '../core/effect.ts';
import type { Problem } from '../core/known/problems.ts';
import type { Instance } from '../core/model.ts';
import type { Level, Log } from './logger.ts';

/** One function per event. Messages and fields are promised to operators; change none of them. */
export interface Events {
  /** A stored change, with the instance that it names as that was before. */
  changed(change: Change, one: Instance | undefined): void;
  effectFailed(effect: Effect, error: unknown): void;
  /**
   * An answer came or failed to. What goes unanswered is told once for each part, and again when GitHub answers about it.
   * `answers`: every list was answered when it was last asked for.
   */
  githubHeard(problems: readonly Problem[], answers: boolean): void;
  engineUnreadable(why: string): void;
  engineReadable(): void;
  /** The file of a used credential could not be removed. It is removed with its container. */
  credentialKept(name: string, error: unknown): void;
  /** The drain flag was read; it is told when it is first set and when it changes. */
  draining(on: boolean): void;
  drainUnreadable(error: unknown): void;
  saveFailed(error: unknown): void;
  tickFailed(error: unknown): void;
}

/** The kinds of effects as log messages name them. Operators search for these words, so they stay. */
const EFFECTS_IN_LOG: Readonly<Record<Effect['kind'], string>> = {
  start: 'start',
  retire: 'retire',
  destroy: 'destroy',
  'deregister-orphan': 'collect',
};

/** Events as lines of the log. */
export function createEvents(log: Log): Events {
  let answered = false;
  let told = new Map<string, Problem>();
  let engineWhy: string | null = null;
  let drained = false;
  return {
    changed(change, one) {
      const line = lineOf(change, one);
      if (line !== null) log(line.level, line.message, line.fields);
    },
    effectFailed(effect, error) {
      const { kind, ...fields } = effect;
      log('warn', `effect failed: ${EFFECTS_IN_LOG[kind]}`, { ...fields, err: error });
    },
    githubHeard(problems, answers) {
      const now = new Map(problems.map((problem) => [`${problem.scope} ${problem.what}`, problem]));
      for (const [key, { scope, what, why }] of now) {
        if (!told.has(key)) log('warn', 'github look incomplete', { scope, what, why });
      }
      for (const [key, { scope, what }] of told) {
        if (!now.has(key)) log('debug', 'github answers about it again', { scope, what });
      }
      told = now;
      if (answers && !answered) log('info', 'github answers', {});
      answered = answers;
    },
    engineUnreadable(why) {
      if (engineWhy !== why) log('error', 'engine cannot be read', { why });
      engineWhy = why;
    },
    engineReadable() {
      if (engineWhy !== null) log('info', 'engine can be read again', {});
      engineWhy = null;
    },
    credentialKept(name, error) {
      log('warn', 'credential could not be removed', { container: name, err: error });
    },
    draining(on) {
      if (on !== drained) {
        if (on) log('warn', 'draining: no new jobs are taken until resume', {});
        else log('info', 'resumed: new jobs are taken', {});
      }
      drained = on;
    },
    drainUnreadable(error) {
      log('error', 'drain flag cannot be read; going on as before', { err: error });
    },
    saveFailed(error) {
      log('error', 'ledger could not be written; nothing new is begun', { err: error });
    },
    tickFailed(error) {
      log('error', 'tick failed', { err: error });
    },
  };
}

interface Line {
  readonly level: Level;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

function lineOf(change: Change, one: Instance | undefined): Line | null {
  switch (change.kind) {
    case 'answered':
    case 'ready':
    case 'registered':
    case 'claim-over':
    case 'over':
    case 'settled':
      return null;
    case 'reserve':
    case 'adopt':
      return {
        level: change.kind === 'adopt' ? 'warn' : 'info',
        message: change.kind === 'adopt' ? 'container adopted' : 'container reserved',
        fields: { ...identity(change.instance), job_id: change.instance.forJob },
      };
    case 'rename':
      return { level: 'warn', message: 'registration renamed', fields: pick(change.name, one) };
    case 'started':
      return { level: 'info', message: 'container starting', fields: pick(change.name, one) };
    case 'online':
      return { level: 'info', message: 'runner online', fields: pick(change.name, one) };
    case 'busy':
    case 'job':
      return {
        level: 'info',
        message: change.kind === 'busy' ? 'runner busy' : 'running job known',
        fields: {
          ...pick(change.name, one),
          running_job_id: change.job?.id ?? null,
          run_id: change.job?.runId ?? null,
        },
      };
    case 'stop':
      return {
        level: QUIET_STOPS.has(change.reason) ? 'info' : 'warn',
        message: 'container stopping',
        fields: { ...pick(change.name, one), reason: change.reason, detail: change.detail },
      };
    case 'release':
      return { level: 'info', message: 'container gone', fields: pick(change.name, one) };
    case 'failed':
      return {
        level: 'warn',
        message: 'class backs off',
        fields: { class: change.className, scope: change.scope, detail: change.detail },
      };
    case 'failures-cleared':
      return {
        level: 'info',
        message: 'failed starts forgotten',
        fields: { class: change.className, scope: change.scope },
      };
    case 'orphan-found':
      return {
        level: 'debug',
        message: 'registration owed',
        fields: { runner_name: change.debt.runnerName, reason: change.debt.reason },
      };
    case 'debt-cleared':
      return { level: 'debug', message: 'registration gone', fields: { runner_name: change.runnerName } };
    case 'refused':
      return {
        level: change.attempt ? 'warn' : 'debug',
        message: 'registration lingers',
        fields: { runner_name: change.runnerName, reason: change.reason },
      };
    case 'hold-released':
      return { level: 'info', message: 'held job released', fields: { job_id: change.jobId } };
  }
}

/** Reasons to stop that are part of everyday work, and so no warning. */
const QUIET_STOPS = new Set(['job-finished', 'not-needed', 'idle-timeout', 'drained', 'operator']);

function identity(instance: Instance): Readonly<Record<string, unknown>> {
  return { container: instance.name, class: instance.className, runner_name: instance.runnerName };
}

function pick(name: string, instance: Instance | undefined): Readonly<Record<string, unknown>> {
  return instance === undefined ? { container: name } : identity(instance);
}
