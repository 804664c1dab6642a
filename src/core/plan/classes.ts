import { covers, fold, missing } from '../labels.ts';
import type { Job } from '../observation.ts';
import type { Policy, RunnerClass } from '../policy.ts';

/** A class with its labels folded once, so that a plan over many jobs stays linear. */
export interface FoldedClass {
  readonly runnerClass: RunnerClass;
  readonly labels: ReadonlySet<string>;
}

/** The classes in configuration order, folded. */
export function foldClasses(policy: Policy): readonly FoldedClass[] {
  return policy.classes.map((runnerClass) => ({ runnerClass, labels: fold(runnerClass.labels) }));
}

/** The classes whose runners GitHub could give this job to, in configuration order. */
export function classesFor(classes: readonly FoldedClass[], job: Job): readonly FoldedClass[] {
  return classes.filter(({ labels }) => covers(labels, job.labels));
}

/** Whether a job that no class covers still says something of us, and so is worth showing. */
export function concernsUs(classes: readonly FoldedClass[], job: Job): boolean {
  return job.labels.some((label) => {
    const folded = label.toLowerCase();
    return folded === 'self-hosted' || classes.some(({ labels }) => labels.has(folded));
  });
}

/** What a job's labels come to: the classes for it, or why there is none; `why` null: nothing of ours. */
export interface Match {
  readonly fits: readonly FoldedClass[];
  readonly why: string | null;
}

/** Matches jobs, each set of labels once: thousands of jobs of one workflow ask for the same. */
export function matcher(classes: readonly FoldedClass[]): (job: Job) => Match {
  const known = new Map<string, Match>();
  return (job) => {
    // Labels are strangers' text: only what no YAML can hold keeps two sets of them apart.
    const key = job.labels.join('\0');
    let match = known.get(key);
    if (match === undefined) {
      const fits = classesFor(classes, job);
      const why = fits.length === 0 && concernsUs(classes, job) ? whyNoClass(classes, job) : null;
      match = { fits, why };
      known.set(key, match);
    }
    return match;
  };
}

/** Why no class covers the job: the labels that stand in the way, from the class that comes nearest. */
export function whyNoClass(classes: readonly FoldedClass[], job: Job): string {
  const gaps = classes.map(({ runnerClass, labels }) => ({
    name: runnerClass.name,
    lacks: missing(labels, job.labels),
  }));
  const nobody = job.labels.filter((label) => gaps.every(({ lacks }) => lacks.includes(label)));
  if (nobody.length > 0) return `no class offers: ${nobody.join(', ')}`;
  const [nearest] = [...gaps].sort((a, b) => a.lacks.length - b.lacks.length);
  return `no class offers all of them; ${nearest?.name ?? 'none'} lacks: ${nearest?.lacks.join(', ') ?? ''}`;
}
