/** One fault of the configuration, ready to be printed: `given` never holds a secret. */
export interface Problem {
  /** The variable (`POLL_INTERVAL`) or file key (`classes[1].max`) that the value came from. */
  readonly setting: string;
  /** The value as shown to a person, or null when nothing was given. */
  readonly given: string | null;
  /** What to write instead. */
  readonly expected: string;
}

/** `POLL_INTERVAL: given "0", expected a whole number of seconds from 1 to 3600`. */
export function describeProblem({ setting, given, expected }: Problem): string {
  return given === null
    ? `${setting}: not set, expected ${expected}`
    : `${setting}: given ${given}, expected ${expected}`;
}

/** The configuration cannot be used. The message lists every problem; the program ends with exit code 2. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly exitCode = 2;
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const heading =
      problems.length === 1
        ? 'the configuration has a problem:'
        : `the configuration has ${problems.length} problems:`;
    super([heading, ...problems.map((problem) => `  - ${describeProblem(problem)}`)].join('\n'));
    this.problems = problems;
  }
}

/**
 * What may be a secret that was pasted in the wrong place, and so must not be printed in the error about it: GitHub's
 * token prefixes, its older 40-digit tokens, PEM blocks, and addresses with credentials or a query.
 */
const LOOKS_SECRET =
  /gh[a-z]_[A-Za-z0-9]|github_pat_|(?:^|[^0-9a-f])[0-9a-f]{40}(?:$|[^0-9a-f])|-----BEGIN|:\/\/.*[@?#]/is;
const LONGEST_SHOWN = 100;

/** A configuration value for an error message: quoted, on one line, bounded, and without secrets. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return shownText(value);
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  return String(value);
}

/** The name of an unknown key, bounded and without secrets. */
export function shownKey(key: string): string {
  return /^[A-Za-z_][A-Za-z0-9_-]{0,40}$/.test(key) && !LOOKS_SECRET.test(key) ? key : shownText(key);
}

function shownText(text: string): string {
  if (LOOKS_SECRET.test(text)) return '[redacted]';
  const cut = text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
  // JSON escapes only ASCII controls; C1 controls and direction marks would reach the terminal.
  return JSON.stringify(cut).replaceAll(
    /[\p{C}\u2028\u2029]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/** What a configuration can ask for and some version cannot do. */
export type Feature =
  | 'organisation'
  | 'enterprise'
  | 'github-app'
  | 'scope-repositories'
  | 'per-repository'
  | 'scope-identity'
  | 'isolation-off'
  | 'allowed-hosts'
  | 'webhook'
  | 'history'
  | 'logs'
  | 'nix-none'
  | 'scale-set'
  | 'min-idle';

/** A feature in this table is parsed and checked, and then refused with the text of its row. */
export type Unsupported = Partial<Readonly<Record<Feature, string>>>;

/** The features that are missing. Deleting a row allows the feature; its text says what to set instead. */
export const UNSUPPORTED: Unsupported = {
  organisation:
    'a repository, GITHUB_REPO=owner/repo or {"repo": …}: this version cannot watch organisations',
  enterprise: 'a repository, GITHUB_REPO=owner/repo or {"repo": …}: this version cannot watch enterprises',
  'github-app': 'nothing: this version cannot sign in as a GitHub App, set GITHUB_TOKEN_FILE',
  'scope-repositories': 'nothing: this version watches single repositories',
  'per-repository': 'nothing: in this version a class has one maximum for all repositories',
  'scope-identity': 'nothing: in this version all scopes have one identity and group',
  'isolation-off': 'on: this version always keeps jobs apart',
  'allowed-hosts': "nothing: this version does not look at a request's Host",
  webhook: 'nothing: this version takes no deliveries, it polls',
  history: 'nothing: this version keeps no history',
  logs: "nothing: this version keeps no container's words",
  'nix-none': "host: this version cannot keep the host's Nix daemon from a class",
  'scale-set': 'nothing: this version has no scale sets',
  'min-idle': '0: this version makes a container for a queued job only',
};
