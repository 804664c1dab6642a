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

/** Whether a job that no class covers asks for one of our labels, so that it is worth showing. */
export function concernsUs(classes: readonly FoldedClass[], job: Job): boolean {
  return job.labels.some((label) => {
    const folded = label.toLowerCase();
    return folded === 'self-hosted' || classes.some(({ labels }) => labels.has(folded));
  });
}

/** Whether a job could run here, or asks for one of our labels. */
export function concerns(policy: Policy): (job: Job) => boolean {
  const match = matcher(foldClasses(policy));
  return (job) => {
    const { fits, why } = match(job);
    return fits.length > 0 || why !== null;
  };
}

/**
 * The classes that cover a job's labels, or why there is none. `why` is null when the job has nothing to do with us.
 */
export interface Match {
  readonly fits: readonly FoldedClass[];
  readonly why: string | null;
}

/** Matches each set of labels only once, because thousands of jobs of one workflow ask for the same. */
export function matcher(classes: readonly FoldedClass[]): (job: Job) => Match {
  const known = new Map<string, Match>();
  return (job) => {
    // Labels are text of strangers. No YAML can hold a NUL, so joining with it keeps different sets apart.
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

/** Why no class covers the job: the labels that the nearest class lacks. */
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

/** Labels compare case-insensitively (facts: GitHub's routing). */
export function fold(labels: readonly string[]): ReadonlySet<string> {
  return new Set(labels.map((label) => label.toLowerCase()));
}

/** Whether the labels of a class include all that a job asks for. A job that asks for none is covered by no class. */
export function covers(offered: ReadonlySet<string>, asked: readonly string[]): boolean {
  return asked.length > 0 && asked.every((label) => offered.has(label.toLowerCase()));
}

/** The asked labels that are not offered, as the job wrote them. */
export function missing(offered: ReadonlySet<string>, asked: readonly string[]): readonly string[] {
  return asked.filter((label) => !offered.has(label.toLowerCase()));
}
