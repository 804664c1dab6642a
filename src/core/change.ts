import type { Debt, Instance, Millis, RunningJob, StopReason } from './model.ts';

/**
 * Everything that can happen to the stored state. The plan makes changes, effects report their outcome as changes, and
 * only `apply` carries them out.
 */
export type Change =
  /** GitHub was asked for the runners of a scope at `at` and answered. Two such are at most `slack` apart when all is well. */
  | { readonly kind: 'answered'; readonly scope: string; readonly at: Millis; readonly slack: Millis }
  /** A promise that is stored before anything of the container exists. */
  | { readonly kind: 'reserve'; readonly instance: Instance }
  /** A container of ours that no promise covers is looked after from now on. */
  | { readonly kind: 'adopt'; readonly instance: Instance }
  /** The registration is tried again under a new name; one under the old name may exist and becomes a debt. */
  | { readonly kind: 'rename'; readonly name: string; readonly runnerName: string; readonly at: Millis }
  | { readonly kind: 'registered'; readonly name: string; readonly runnerId: number }
  | { readonly kind: 'started'; readonly name: string; readonly at: Millis }
  | { readonly kind: 'ready'; readonly name: string; readonly at: Millis }
  | { readonly kind: 'online'; readonly name: string; readonly at: Millis }
  | { readonly kind: 'busy'; readonly name: string; readonly at: Millis; readonly job: RunningJob | null }
  /** GitHub has said which job a busy runner got, or has had its time to. */
  | { readonly kind: 'claim-over'; readonly runnerName: string }
  /** More is known of the job that a busy instance runs. */
  | { readonly kind: 'job'; readonly name: string; readonly job: RunningJob; readonly at: Millis }
  /** GitHub says since `at` that its job is over; null: it does not say so any more. */
  | { readonly kind: 'over'; readonly name: string; readonly at: Millis | null }
  | {
      readonly kind: 'stop';
      readonly name: string;
      readonly reason: StopReason;
      /**
       * Its runner may be busy, so it is asked to end before it is killed. A later stop may clear this, never set it.
       */
      readonly clean: boolean;
      readonly detail: string;
      readonly at: Millis;
      /** GitHub certainly has no registration of it any more. */
      readonly deregistered: boolean;
    }
  /** The container is gone, so its slot, subnet and name are free. */
  | { readonly kind: 'release'; readonly name: string; readonly at: Millis; readonly grace: Millis }
  /** A start of this class failed in this scope. `chance` from [0, 1) spreads the next try. */
  | {
      readonly kind: 'failed';
      readonly className: string;
      readonly scope: string;
      /** Labels and system of the class as it was, as one text. */
      readonly shape: string;
      /** When its promise was made. */
      readonly madeAt: Millis;
      /** When it failed: the wait for the next try counts from here. */
      readonly endedAt: Millis;
      readonly at: Millis;
      readonly chance: number;
      readonly detail: string;
    }
  /** What failed of a class in a scope is forgotten: it was long ago, the class has changed, or an operator says so. */
  | { readonly kind: 'failures-cleared'; readonly className: string; readonly scope: string }
  /** It is known of a suspect whether a job began in it. */
  | { readonly kind: 'settled'; readonly runnerName: string; readonly hadJob: boolean }
  | { readonly kind: 'orphan-found'; readonly debt: Debt }
  | { readonly kind: 'debt-cleared'; readonly runnerName: string }
  /** GitHub did not delete a registration when asked, or still lists it. */
  | {
      readonly kind: 'refused';
      readonly runnerName: string;
      readonly runnerId: number | null;
      readonly reason: string;
      readonly nextTry: Millis;
      readonly attempt: boolean;
    }
  /** A job's hold is over: it counts as demand again. */
  | { readonly kind: 'hold-released'; readonly jobId: number };
