import type { Container, JobSignal } from '../../core/observation.ts';
import type { Clock } from '../../core/ports.ts';
import type { Instant } from '../../core/time/instant.ts';
import { instantOf, restore } from '../../core/time/instant.ts';
import { readSignals } from '../signals.ts';
import type { Target } from './end.ts';
import { processesOf } from './end.ts';
import { lastWords } from './last-words.ts';
import type { InstancePaths } from './paths.ts';
import type { ProcessId } from './proc.ts';
import { isAlive, listProcesses } from './proc.ts';
import type { ProcessRecord } from './record.ts';
import { readRecord, writeRecord } from './record.ts';
import type { Exit } from './spawn.ts';
import { readExit } from './spawn.ts';

/**
 * One instance of the process engine as this controller knows it: its record, read once, and where its process is.
 *
 * No record means a directory that a crash left half made or half removed, or whose job wrote over it. A record with
 * a start and no process means a controller that died between the two. In both cases the environment tells the process.
 */
export class ProcessInstance {
  readonly name: string;
  readonly paths: InstancePaths;
  readonly #clock: Clock;
  #record: ProcessRecord | null;
  /** Undefined: not looked for yet. */
  #found: ProcessId | null | undefined;
  #exit: Exit | null = null;
  #lastWords: string | null = null;
  /** The start is under way here, and its process not known yet. */
  #starting = false;

  constructor(name: string, paths: InstancePaths, clock: Clock) {
    this.name = name;
    this.paths = paths;
    this.#clock = clock;
    this.#record = readRecord(paths.record);
  }

  get record(): ProcessRecord | null {
    return this.#record;
  }

  /** Writes down that it is about to run, and as which runner; only then may a process be made. */
  async promiseStart(record: ProcessRecord, runnerName: string, startedAt: Instant): Promise<ProcessRecord> {
    this.#starting = true;
    this.#record = { ...record, mark: { ...record.mark, runnerName }, startedAt };
    await writeRecord(this.paths.record, this.#record);
    return this.#record;
  }

  async recordProcess(promised: ProcessRecord, { pid, ticks }: ProcessId): Promise<void> {
    this.#record = { ...promised, process: { pid, ticks, bootId: this.#clock.boot } };
    this.#starting = false;
    await writeRecord(this.paths.record, this.#record);
  }

  /** The start is over without a process. */
  startFailed(): void {
    this.#starting = false;
    this.#found = null;
  }

  isRunning(): boolean {
    const leader = this.#leader();
    return leader !== null && isAlive(leader);
  }

  target(): Target {
    const leader = this.#leader();
    const endedAt = leader === null || isAlive(leader) ? null : this.#ended().ticks;
    return { name: this.name, entries: this.#entries(), leader, endedAt };
  }

  toContainer(): Container {
    const { started, completed } = readSignals(this.paths.signals);
    const promisedAt = this.#record?.startedAt ?? null;
    const created = this.#starting || (this.#record !== null && promisedAt === null);
    const startedAt = created || promisedAt === null ? null : restore(promisedAt, instantOf(this.#clock));
    const running = !created && this.#exit === null && this.isRunning();
    return {
      name: this.name,
      state: created ? 'created' : running ? 'running' : 'ended',
      startedAt,
      readyAt: startedAt,
      exit: created || running ? null : this.#exitOf(started ?? completed),
      started,
      completed,
      mark: this.#record?.mark ?? null,
    };
  }

  #ended(): Exit {
    this.#exit ??= readExit(this.paths.exit);
    return this.#exit;
  }

  /** How it ended; and where no job was seen, what it said last. */
  #exitOf(signal: JobSignal | null): Container['exit'] {
    const { code, detail } = this.#ended();
    if (signal !== null) return { code, detail };
    this.#lastWords ??= lastWords(this.paths.output);
    return { code, detail: this.#lastWords === '' ? detail : `${detail}: ${this.#lastWords}` };
  }

  #leader(): ProcessId | null {
    if (this.#starting || (this.#record !== null && this.#record.startedAt === null)) return null;
    const known = this.#record?.process ?? null;
    if (known !== null) return known.bootId === this.#clock.boot ? known : null;
    if (this.#found === undefined) {
      // The wrapper is the first of them all.
      const target = { name: this.name, entries: this.#entries(), leader: null, endedAt: null };
      const [first] = processesOf(target, listProcesses()).sort((a, b) => a.ticks - b.ticks || a.pid - b.pid);
      this.#found = first ?? null;
    }
    return this.#found;
  }

  #entries(): string[] {
    const entries = [`RUNNER_SIGNALS=${this.paths.signals}`];
    const runnerName = this.#record?.mark.runnerName ?? null;
    if (runnerName !== null) entries.push(`RUNNER_NAME=${runnerName}`);
    return entries;
  }
}
