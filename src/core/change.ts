import type { Debt, Instance, Millis, RunningJob, StopReason } from './model.ts';

/**
 * Everything that can happen to the stored state. `apply` is the only place that carries one out, the plan and
 * what effects report are the only ones to make them.
 */
export type Change =
  /** GitHub told all there is, but for these scopes, when asked at `at`. `slack`: how far apart two looks are when all is well. */
  | {
      readonly kind: 'answered';
      readonly at: Millis;
      readonly now: Millis;
      readonly unread: ReadonlySet<string>;
      readonly slack: Millis;
    }
  /** A promise, made before anything exists. */
  | { readonly kind: 'reserve'; readonly instance: Instance }
  /** Something of ours that no promise covers is looked after from now on. */
  | { readonly kind: 'adopt'; readonly instance: Instance }
  /** The registration goes on under a new name; the old one may have been made. */
  | { readonly kind: 'rename'; readonly name: string; readonly runnerName: string; readonly at: Millis }
  | { readonly kind: 'registered'; readonly name: string; readonly runnerId: number }
  | { readonly kind: 'started'; readonly name: string; readonly at: Millis }
  | { readonly kind: 'ready'; readonly name: string; readonly at: Millis }
  | { readonly kind: 'online'; readonly name: string; readonly at: Millis }
  | { readonly kind: 'busy'; readonly name: string; readonly at: Millis; readonly job: RunningJob | null }
  /** Better knowledge of what a busy instance runs. */
  | { readonly kind: 'job'; readonly name: string; readonly job: RunningJob }
  | {
      readonly kind: 'stop';
      readonly name: string;
      readonly reason: StopReason;
      /** Its runner may be busy: ask first. A later stop may take that back, never give it. */
      readonly clean: boolean;
      readonly detail: string;
      readonly at: Millis;
      /** GitHub certainly lists no registration of it any more. */
      readonly deregistered: boolean;
    }
  /** The container is gone; slot, subnet and name are free. */
  | { readonly kind: 'release'; readonly name: string; readonly at: Millis; readonly grace: Millis }
  /** A start of this class failed. `chance` from [0, 1) spreads the next try. */
  | {
      readonly kind: 'failed';
      readonly className: string;
      readonly at: Millis;
      readonly chance: number;
      readonly detail: string;
    }
  | { readonly kind: 'orphan-found'; readonly debt: Debt }
  | { readonly kind: 'debt-cleared'; readonly runnerName: string }
  /** GitHub did not let go of a registration, or was seen to list it still. */
  | {
      readonly kind: 'refused';
      readonly runnerName: string;
      readonly runnerId: number | null;
      readonly reason: string;
      readonly nextTry: Millis;
      readonly attempt: boolean;
    }
  /** A held job is a job again. */
  | { readonly kind: 'hold-released'; readonly jobId: number };
