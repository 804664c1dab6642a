const LONGEST = 300;

/**
 * Strangers' text on one line: control, formatting and line-separating characters become spaces, and it is cut.
 * GitHub's messages can quote names that anyone chose, and end in terminals and logs.
 */
export function clean(text: string): string {
  const flat = text
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ')
    .replaceAll(/ {2,}/g, ' ')
    .trim();
  return flat.length > LONGEST ? `${flat.slice(0, LONGEST - 1)}…` : flat;
}
