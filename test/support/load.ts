import type { Report } from '../../src/simulator/control/report.ts';
import type { FaultRule } from '../../src/simulator/rest/faults.ts';
import type { SimulatorServer } from '../../src/simulator/server.ts';
import { NIX } from './jobs.ts';

/** About one request in twenty fails, in all the ways there are. */
export const FAILING: readonly FaultRule[] = [
  { probability: 0.02, status: 502 },
  { probability: 0.015, status: 500, after: true },
  { probability: 0.015, reset: true, after: true },
];

/** The simulated GitHub's own limits out of the way. */
export const GENEROUS = { primaryLimit: 1_000_000, pointsPerMinute: 1_000_000, concurrentRequests: 10_000 };

/** Queues so many jobs at once, in matrices of twenty. */
export function queueJobs(github: SimulatorServer, count: number, script = 'true'): readonly number[] {
  const ids: number[] = [];
  for (let at = 0; at < count; at += 20) {
    const rows = Array.from({ length: Math.min(20, count - at) }, (_, row) => ({
      name: `load (${at + row})`,
      labels: NIX,
      script,
    }));
    ids.push(...github.createRun({ jobs: rows }).jobIds);
  }
  return ids;
}

/** What a history must not have; empty when all is well. */
export function wrongs(report: Report): readonly string[] {
  return [
    ...report.ranTwice.map((id) => `job ${id} ran twice`),
    ...report.neverRan.map((id) => `job ${id} never ran`),
    ...report.wrongLabels.map((id) => `job ${id} ran without its labels`),
    ...report.openJobs.map((id) => `job ${id} is not over`),
    ...report.runnersLeft.map((name) => `registration ${name} is left`),
    ...report.violations.map((it) => `GitHub would have objected: ${it.kind} ${it.path}`),
  ];
}
