/** The value of a JSON text; null when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * Puts text of strangers on one line: control, formatting and line-separating characters become spaces, and it is cut
 * after `limit` characters. Anybody can write labels, names and GitHub's messages, and they end in terminals and logs.
 */
export function clean(text: string, limit = 300): string {
  const flat = text
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ')
    .replaceAll(/ {2,}/g, ' ')
    .trim();
  return flat.length > limit ? `${flat.slice(0, limit - 1)}…` : flat;
}
