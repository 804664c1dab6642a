import type { App, Overrides } from '../../src/app.ts';
import { openApp } from '../../src/app.ts';
import { githubOptions } from '../../src/app/github.ts';
import { systemClock } from '../../src/clock.ts';
import type { Config } from '../../src/config/config.ts';
import type { Clock, Github } from '../../src/core/ports.ts';
import { createGithub } from '../../src/github/client.ts';
import type { Tuning } from '../../src/github/tuning.ts';
import { createLogger, logWith } from '../../src/telemetry/logger.ts';
import type { LogLine } from './controller.ts';
import { Api, logLines } from './controller.ts';
import type { Environment, Stage } from './stage.ts';

/** The system's clock, which a test may put forward: sleeps take their real time. */
export class ShiftedClock implements Clock {
  readonly boot = systemClock.boot;
  #shift = 0;

  now(): number {
    return systemClock.now() + this.#shift;
  }

  wall(): number {
    return systemClock.wall() + this.#shift;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return systemClock.sleep(ms, signal);
  }

  shift(ms: number): void {
    this.#shift += ms;
  }
}

/** A controller in this process. Disposing of it ends it as SIGTERM would. */
export class LocalController extends Api implements AsyncDisposable {
  readonly app: App;
  readonly #lines: readonly string[];
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;

  constructor(app: App, lines: readonly string[]) {
    super(app.url);
    this.app = app;
    this.#lines = lines;
    this.#running = app.run(this.#stop.signal);
  }

  get log(): readonly LogLine[] {
    return logLines(this.#lines.join(''));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await this.app[Symbol.asyncDispose]();
  }
}

/** Opens and runs a controller in this process, with parts of the test's own. */
export async function openLocal(
  stage: Stage,
  overrides: Overrides = {},
  more: Environment = {},
): Promise<LocalController> {
  const lines: string[] = [];
  const logger = createLogger(
    { logLevel: 'debug', logFormat: 'json' },
    { write: (line) => void lines.push(line) },
  );
  return new LocalController(await openApp(stage.config(more), logWith(logger), overrides), lines);
}

/** Limits under which many jobs take seconds: the real ones are tested with the client. */
export const NO_LIMITS: Partial<Tuning> = {
  writeBurst: 1_000,
  writesPerSecond: 1_000,
  pointsPerMinute: 1_000_000,
  retryDelay: 50,
  readBackDelays: [0, 100, 300],
};

/** The real client with other tuning. */
export function githubWith(config: Config, tuning: Partial<Tuning>, clock: Clock = systemClock): Github {
  return createGithub({ ...githubOptions(config, clock, () => undefined), tuning });
}
