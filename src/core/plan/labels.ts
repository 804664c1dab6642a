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
