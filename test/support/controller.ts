import type { Status } from '../../src/http/schema.ts';
import { statusSchema } from '../../src/http/schema.ts';
import type { Ended, Program } from './program.ts';
import type { Environment, Stage } from './stage.ts';
import { until } from './wait.ts';

/** One line of the controller's log. */
export type LogLine = { readonly level: string; readonly msg: string } & Readonly<Record<string, unknown>>;

/** What `/health` answered. */
export interface Health {
  readonly code: number;
  readonly body: { readonly status: string; readonly reasons?: readonly string[] };
}

/** Log lines, whichever way they were gathered. */
export function logLines(text: string): readonly LogLine[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as LogLine);
}

/** Reads over HTTP what anybody could. */
export class Api {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  async status(): Promise<Status> {
    const answer = await fetch(`${this.url}/status`);
    return statusSchema.parse(await answer.json());
  }

  async health(): Promise<Health> {
    const answer = await fetch(`${this.url}/health`);
    return { code: answer.status, body: (await answer.json()) as Health['body'] };
  }

  /** Resolves with the first answer of `look` at the status that is neither undefined nor false. */
  async until<T>(
    what: string,
    look: (status: Status) => T | undefined | false,
    patience?: number,
  ): Promise<T> {
    let seen: Status | null = null;
    try {
      return await until(
        what,
        async () => {
          seen = await this.status();
          return look(seen);
        },
        patience,
      );
    } catch (error) {
      throw new Error(`${String(error)}; the status was ${JSON.stringify(seen)}`, { cause: error });
    }
  }

  /** Waits until no container and no debt is left. */
  async untilQuiet(patience?: number): Promise<void> {
    const quiet = (it: Status): boolean => it.active_containers.length === 0 && it.debts.length === 0;
    await this.until('the controller to be quiet', quiet, patience);
  }
}

/** A controller as a process of its own. Disposing of it kills it; what it started lives on. */
export class Controller extends Api implements AsyncDisposable {
  readonly program: Program;

  constructor(program: Program, url: string) {
    super(url);
    this.program = program;
  }

  get log(): readonly LogLine[] {
    return logLines(wholeLines(this.program.stdout));
  }

  /** Sends a signal and waits for the end. */
  async end(signal: NodeJS.Signals): Promise<Ended & { readonly milliseconds: number }> {
    const began = Date.now();
    this.program.signal(signal);
    const ended = await this.program.ended;
    return { ...ended, milliseconds: Date.now() - began };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.program[Symbol.asyncDispose]();
  }
}

/** Starts `run` and waits until it listens. */
export async function startController(stage: Stage, more: Environment = {}): Promise<Controller> {
  const program = stage.spawn(['run'], more);
  try {
    const url = await until('the controller to listen', () => {
      if (program.isOver) return 'over';
      const line = logLines(wholeLines(program.stdout)).find(({ msg }) => msg === 'listening');
      return line === undefined ? undefined : String(line['url']);
    });
    if (url === 'over') {
      throw new Error(`the controller ended at once: ${program.stderr}${program.stdout}`);
    }
    return new Controller(program, url);
  } catch (error) {
    await program[Symbol.asyncDispose]();
    throw error;
  }
}

/** The last line may be cut anywhere. */
function wholeLines(text: string): string {
  return text.slice(0, text.lastIndexOf('\n') + 1);
}
