import type { Outcome } from './bench.ts';

/** One run of the tests: over the program as it is, or with one mutant in it. */
export interface Run {
  readonly name: string;
  /** The tests must fail; otherwise they must pass. */
  readonly isMutant: boolean;
  readonly outcome: Outcome;
}

/** Whether the run went as it should: the mutant dead, or the program without one alive. */
export function isGood({ isMutant, outcome }: Run): boolean {
  return outcome.trouble.length === 0 && isMutant === (outcome.failed !== null);
}

/** What came of one run. */
export function line(run: Run): string {
  const { name, isMutant, outcome } = run;
  if (outcome.trouble.length > 0) return `BROKEN    ${name}: ${outcome.trouble.join('; ')}`;
  if (isMutant)
    return outcome.failed === null ? `SURVIVED  ${name}` : `killed    ${name}, by ${outcome.failed}`;
  return outcome.failed === null ? `sound     ${name}` : `FAILED    ${name}, by ${outcome.failed}`;
}

/** The last lines; the very last in vitest's own form, which CI adds up. */
export function summary(runs: readonly Run[]): readonly string[] {
  const mutants = runs.filter(({ isMutant }) => isMutant);
  const killed = mutants.filter(isGood).length;
  const passed = runs.filter(isGood).length;
  const failed = runs.length - passed;
  return [
    ...(failed > 0 ? ['What went wrong:', ...runs.filter((run) => !isGood(run)).map(line)] : []),
    `${mutants.length} mutants, ${killed} killed, ${mutants.length - killed} not`,
    `      Tests  ${failed > 0 ? `${failed} failed | ` : ''}${passed} passed (${runs.length})`,
  ];
}
