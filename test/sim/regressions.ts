/** Seeds whose histories once broke a promise, played again on every run. Each also has its row in a table. */
export const REGRESSIONS: readonly { readonly seed: number; readonly told: string }[] = [];
