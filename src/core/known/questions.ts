import type { Millis } from '../model.ts';
import type { Answer, Job, Part, Runner, Unread } from '../observation.ts';
import type { Age } from './age.ts';
import { answered, failed, NEVER } from './age.ts';

/** One job or runner, asked for by its id. */
export type Question = Extract<Part, { kind: 'job' | 'runner' }>;

/** What GitHub says of one job or runner; null when it says that there is none. */
interface Asked {
  readonly question: Question;
  readonly age: Age;
  readonly job: Job | null;
  readonly runner: Runner | null;
}

/** Single jobs and runners that a plan wants to know more of. What no plan wants any more is forgotten. */
export class Questions {
  #asked: ReadonlyMap<string, Asked> = new Map();

  /** From now on these are asked for in every poll, and no others. Whether one of them is new. */
  want(questions: readonly Question[]): boolean {
    const before = this.#asked;
    this.#asked = new Map(
      questions.map((question) => {
        const key = keyOf(question);
        return [key, before.get(key) ?? { question, age: NEVER, job: null, runner: null }];
      }),
    );
    return [...this.#asked.keys()].some((key) => !before.has(key));
  }

  /** Each question that is wanted, with the age of its answer. */
  get all(): readonly { readonly question: Question; readonly age: Age }[] {
    return [...this.#asked.values()];
  }

  /** The job of that id as of its newest answer. `asOf` null: there is no answer. */
  job(scope: string, jobId: number): { readonly asOf: Millis | null; readonly job: Job | null } {
    const asked = this.#asked.get(`job ${scope} ${jobId}`);
    return { asOf: asked?.age.askedAt ?? null, job: asked?.job ?? null };
  }

  /** The runner of that id as of its newest answer. `asOf` null: there is no answer. */
  runner(scope: string, runnerId: number): { readonly asOf: Millis | null; readonly runner: Runner | null } {
    const asked = this.#asked.get(`runner ${scope} ${runnerId}`);
    return { asOf: asked?.age.askedAt ?? null, runner: asked?.runner ?? null };
  }

  /** Takes in an answer. Whether it is another one than before. */
  answer(question: Question, answer: Extract<Answer, { kind: 'job' | 'runner' }>): boolean {
    const key = keyOf(question);
    const before = this.#asked.get(key);
    if (before === undefined) return false;
    const said = answer.kind === 'job' ? { job: answer.job } : { runner: answer.runner };
    const now = { ...before, ...said, age: answered(before.age, answer.askedAt) };
    this.#asked = new Map(this.#asked).set(key, now);
    return (
      before.age.askedAt === null ||
      before.job?.status !== now.job?.status ||
      (before.runner === null) !== (now.runner === null)
    );
  }

  unread(question: Question, unread: Unread, now: Millis): void {
    const key = keyOf(question);
    const before = this.#asked.get(key);
    if (before === undefined) return;
    this.#asked = new Map(this.#asked).set(key, { ...before, age: failed(before.age, unread, now) });
  }
}

function keyOf(question: Question): string {
  const { kind, scope } = question;
  return `${kind} ${scope} ${question.kind === 'job' ? question.jobId : question.runnerId}`;
}
