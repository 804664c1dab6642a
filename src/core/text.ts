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

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A length of time for people, rounded down: `45 s`, `14 min`, `3 h 5 min`, `2 d 4 h`. */
export function durationText(ms: number): string {
  if (ms < MINUTE) return `${Math.max(0, Math.floor(ms / SECOND))} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`;
  if (ms < DAY) return joined(ms, [HOUR, 'h'], [MINUTE, 'min']);
  return joined(ms, [DAY, 'd'], [HOUR, 'h']);
}

/** A length of time that is left, for people: begun seconds count whole. */
export function leftText(ms: number): string {
  return durationText(Math.ceil(ms / SECOND) * SECOND);
}

type Unit = readonly [ms: number, name: string];

function joined(ms: number, [large, largeName]: Unit, [small, smallName]: Unit): string {
  const rest = Math.floor((ms % large) / small);
  return `${Math.floor(ms / large)} ${largeName}${rest === 0 ? '' : ` ${rest} ${smallName}`}`;
}
