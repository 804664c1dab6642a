import type { Moment } from '../../app.ts';
import type { SimulatorServer } from '../../simulator/server.ts';

const LINUX = ['self-hosted', 'linux'];
const NIX = ['self-hosted', 'nix'];
const LARGE = ['self-hosted', 'large'];
const FAIL_BOOT = ['self-hosted', 'fail-boot'];
const FAIL_JOB = ['self-hosted', 'fail-job'];

function job(name: string, labels: readonly string[], seconds: number) {
  return { name, labels: [...labels], script: `echo "hello from $RUNNER_NAME"; sleep ${seconds}` };
}

/**
 * What happens at GitHub: jobs over three label sets, one that nobody offers, one cancelled while queued, one run
 * again, one that fails, and one whose runner never starts, which somebody cancels in the end; the simulated GitHub
 * gives jobs to runners that were made for others.
 */
export class Story {
  readonly #github: SimulatorServer;
  readonly #jobs: number;
  #again = 0;
  #cancelled = 0;
  #unwanted = 0;
  #unbootable = 0;
  #told = { again: false, cancelled: false, backsOff: false };

  constructor(github: SimulatorServer, jobs: number) {
    this.#github = github;
    this.#jobs = jobs;
  }

  /** Queues all but what a re-run adds. */
  begin(): void {
    const github = this.#github;
    // One job comes from the re-run.
    const plain = this.#jobs - 7;
    const kinds = [LINUX, NIX, LINUX];
    const matrix = Array.from({ length: plain }, (_, at) =>
      job(`matrix (${at + 1})`, kinds[at % kinds.length] ?? LINUX, 0.3 + (at % 3) / 2),
    );
    github.createRun({ jobs: matrix });
    github.createRun({ jobs: [job('large', LARGE, 1.5)] });
    this.#cancelled = github.createJob(job('cancelled while queued', LARGE, 5)).jobId;
    this.#unwanted = github.createJob(job('nobody offers this', ['self-hosted', 'gpu'], 1)).jobId;
    this.#unbootable = github.createJob({ name: 'fails to boot', labels: FAIL_BOOT }).jobId;
    github.createJob({ name: 'fails', labels: FAIL_JOB });
    this.#again = github.createJob(job('run again', NIX, 0.2)).runId;
  }

  /** Takes the story one step further; true once all is over and cleaned up. */
  next({ state, holds }: Moment): boolean {
    const { jobs, runners } = this.#github.state();
    if (!this.#told.cancelled && state.instances.some(({ className }) => className === 'large')) {
      this.#github.cancelJob(this.#cancelled);
      this.#told.cancelled = true;
    }
    const first = jobs.find(({ runId }) => runId === this.#again);
    if (!this.#told.again && first?.status === 'completed') {
      this.#github.rerun(this.#again);
      this.#told.again = true;
      return false;
    }
    const open = this.unfinished();
    const isAlone = open.length === 1 && open[0] === this.#unbootable && state.instances.length === 0;
    const backsOff = holds.some(({ job, reason }) => job.id === this.#unbootable && reason === 'backing-off');
    // It is cancelled one look after it was seen to wait, so that people can see it too.
    if (this.#told.backsOff && this.#told.again && isAlone && backsOff) {
      this.#github.cancelJob(this.#unbootable);
    }
    this.#told.backsOff ||= backsOff;
    // A job that the controller has not seen end may still get a container.
    const known = holds.every(({ job }) => job.id === this.#unwanted);
    const over = this.#told.cancelled && this.#told.again && open.length === 0 && known;
    return over && state.instances.length === 0 && state.debts.length === 0 && runners.length === 0;
  }

  /** Jobs that should have ended and have not. */
  unfinished(): readonly number[] {
    return this.#github
      .state()
      .jobs.filter(({ id, status }) => status !== 'completed' && id !== this.#unwanted)
      .map(({ id }) => id);
  }
}
