import type { Runner, RunnerState } from '../world/model.ts';

/** The labels of a runner. Their ids count from one for each runner and mean nothing. */
export function wireLabels(runner: Runner): Record<string, unknown>[] {
  return runner.labels.map((label, index) => ({
    id: runner.id * 100 + index,
    name: label.name,
    type: label.type,
  }));
}

export function wireRunner(runner: Runner, state: RunnerState): Record<string, unknown> {
  return {
    id: runner.id,
    name: runner.name,
    os: runner.os,
    status: state.status,
    busy: state.busy,
    ephemeral: runner.ephemeral,
    runner_group_id: 1,
    ...(runner.version === null ? {} : { version: runner.version }),
    labels: wireLabels(runner),
  };
}
