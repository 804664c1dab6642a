/** What a token may do in the repositories it sees. Absent: nothing in that field. */
export type Permissions = {
  readonly actions?: 'read' | 'write';
  readonly administration?: 'read' | 'write';
};

/** Limits count per login, as GitHub counts all tokens of one user together. */
export type TokenOptions = {
  readonly token: string;
  readonly login: string;
  /** Default: write on both. */
  readonly permissions?: Permissions;
  /** Repositories it sees, `owner/repo`; default: all. Others answer 404. */
  readonly repos?: readonly string[];
};

/** The behaviour of the simulated GitHub that may be changed while it runs. Times are virtual milliseconds. */
export type Switches = {
  /**
   * `random`: any idle matching runner; `theft`: one made for another job wherever possible; `nobody`: jobs are queued
   * and given to no runner, as in some of GitHub's incidents.
   */
  assign: 'random' | 'theft' | 'nobody';
  /** How late the runner list shows that a runner came or went. */
  runnerListLagMs: number;
  /** How late `status` and `busy` of a runner are shown. */
  runnerStateLagMs: number;
  /** How late runs and jobs are shown. */
  jobLagMs: number;
  /** How long an ephemeral record lingers after its job: DELETE 422, the same name 409. */
  removalLagMs: number;
  /** How a job without runner shows `runner_id` and `runner_name`. */
  unassigned: 'zero' | 'null';
  /** Whether `started_at` moves when the job really starts. */
  startedAtMoves: boolean;
  /** Jobs that wait for others: not listed, or listed early as `pending`. */
  needs: 'absent' | 'pending';
  /** DELETE of a runner that was offered a job and has not started it: 422, or 204 and the job is queued again. */
  deleteInFlight: 'busy' | 'idle';
  /** An idle runner's registration vanishes after this long; 0: never. */
  idleRemovalMs: number;
  /** Pages after the first begin this many items earlier (or later, if negative) than they should. */
  pageShift: number;
  /** A runner that is not heard of for this long (real milliseconds) is offline. */
  lostAfterMs: number;
  /** Requests an hour and login. */
  primaryLimit: number;
  /** Points a minute and login. */
  pointsPerMinute: number;
  /** Requests at once and login. */
  concurrentRequests: number;
  /** The status of an answer that hits a limit. */
  limitStatus: 403 | 429;
  /** Whether a secondary limit says how long to wait. */
  retryAfter: boolean;
};

export type RepoOptions = string | { readonly name: string; readonly private?: boolean };

export type SimulatorOptions = {
  /** Default: one token `fake-token` of `octo`. */
  readonly tokens?: readonly TokenOptions[];
  /** Default: `o/r`. */
  readonly repos?: readonly RepoOptions[];
  /** Default: 1. */
  readonly seed?: number;
  /** The address at which runners reach this server; default: the one at which the registration was asked for. */
  readonly runnerUrl?: string;
  readonly switches?: Partial<Switches>;
  /** Called with every REST answer before it is sent; for checking against the official description. */
  readonly onAnswer?: (answered: AnsweredRequest) => void;
};

/** One REST request and its answer, for checks against the official description. */
export type AnsweredRequest = {
  readonly method: string;
  /** Without prefix and query. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly requestBody: unknown;
  readonly status: number;
  /** Parsed; undefined when empty, the text when it is no JSON. */
  readonly responseBody: unknown;
  /** True when a fault rule made or changed the answer. */
  readonly faulted: boolean;
};

export const defaultSwitches: Readonly<Switches> = {
  assign: 'random',
  runnerListLagMs: 0,
  runnerStateLagMs: 0,
  jobLagMs: 0,
  removalLagMs: 1_000,
  unassigned: 'zero',
  startedAtMoves: false,
  needs: 'absent',
  deleteInFlight: 'busy',
  idleRemovalMs: 0,
  pageShift: 0,
  lostAfterMs: 30_000,
  primaryLimit: 5_000,
  pointsPerMinute: 900,
  concurrentRequests: 100,
  limitStatus: 403,
  retryAfter: true,
};
