/** What the configuration can say and this version cannot do. */
export type Feature = 'organisation' | 'github-app';

/** A feature with a row is parsed and checked, then refused with the row's words. */
export type Unsupported = Partial<Readonly<Record<Feature, string>>>;

/** One row per missing feature; deleting the row allows it. The text says what to set instead. */
export const UNSUPPORTED: Unsupported = {
  organisation: 'a repository: this version cannot watch organisations, set GITHUB_REPO=owner/repo',
  'github-app': 'nothing: this version cannot sign in as a GitHub App, set GITHUB_TOKEN_FILE',
};
