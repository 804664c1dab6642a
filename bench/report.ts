/** What one benchmark found: lines for people, figures for programs. */
export interface Found {
  readonly lines: readonly string[];
  readonly figures: Readonly<Record<string, unknown>>;
}

/** The middle of the values, of the two middle ones the lower. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value that so large a part of the others does not exceed. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = Math.min(sorted.length - 1, Math.max(0, Math.ceil(part * sorted.length) - 1));
  return sorted[at] ?? Number.NaN;
}

export function rounded(value: number, digits = 1): number {
  return Number(value.toFixed(digits));
}
