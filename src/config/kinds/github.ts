import { text, textBy, words } from './basic.ts';
import type { Kind } from './kind.ts';
import { Rejected } from './kind.ts';

const OWNER = '[A-Za-z0-9][A-Za-z0-9_-]{0,38}';
const REPOSITORY = new RegExp(`^${OWNER}/(?!\\.{1,2}$)(?!.*\\.git$)[A-Za-z0-9._-]{1,100}$`);

export const repository = text(REPOSITORY, 'owner/repo, for example octo/widgets');

export const organisation = text(
  new RegExp(`^${OWNER}$`),
  'the name of an organisation, for example octo-org',
);

export const enterprise = text(
  /^[A-Za-z0-9][A-Za-z0-9_-]{0,59}$/,
  'the short name of an enterprise, as in its address',
);

export const printable = text(/^[^\p{C}]{1,128}$/u, 'up to 128 printable characters');

/** GitHub takes at most 100 labels of at most 256 characters each. */
export const labels = words('label', faultOfLabel, 100);

function faultOfLabel(label: unknown): string | null {
  if (typeof label !== 'string') return 'labels that are text';
  if (label === '') return 'labels that are not empty';
  if (label.length > 256) return 'labels of at most 256 characters';
  return /[,\s\p{C}]/u.test(label) ? 'labels without a comma or a space, written a,b,c' : null;
}

/** Names of repositories in which `*` stands for any text. */
export const repositoryPatterns = words(
  'name',
  (name) =>
    typeof name === 'string' && /^[A-Za-z0-9._*-]{1,100}$/.test(name)
      ? null
      : 'names of repositories without their owner, * for any text',
  1000,
);

const API_URL = 'https://api.github.com or https://HOST/api/v3, without user name, query or fragment';

/** The API's URL, without a trailing slash. Credentials are sent there, so whatever could lead elsewhere is refused. */
export const apiUrl: Kind<string> = textBy(({ value }) => {
  if (typeof value !== 'string' || !/^https?:\/\/[!-[\]-~]+$/i.test(value)) return new Rejected(API_URL);
  if (!URL.canParse(value)) return new Rejected(API_URL);
  const url = new URL(value);
  const plain = `${url.username}${url.password}` === '' && !/[?#]/.test(value);
  const web = url.hostname === 'github.com' || url.hostname === 'www.github.com';
  if (!plain || web) return new Rejected(API_URL);
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
});

export function isUnprotected(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  const loopback = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
  return protocol === 'http:' && !loopback;
}

const APP_ID = text(/^(?:[1-9][0-9]{0,15}|Iv[A-Za-z0-9.]{1,62})$/, 'an app id (digits) or client id (Iv…)');

/** An App's id, which the file may have as a number, or its client id. */
export const appId: Kind<string> = {
  ...APP_ID,
  parse: (given) => {
    const { value } = given;
    const isNumber = typeof value === 'number' && Number.isSafeInteger(value);
    return APP_ID.parse(isNumber ? { ...given, value: String(value) } : given);
  },
  schema: { anyOf: [{ type: 'string' }, { type: 'integer', minimum: 1 }] },
};

/** The first part of every runner's name: `[A-Za-z0-9-]`, at most 40 characters. */
export const namePrefix: Kind<string> = textBy(({ value }) => {
  if (typeof value !== 'string' || !/./.test(value)) return new Rejected('text');
  return value.replaceAll(/[^A-Za-z0-9-]/gu, '-').slice(0, 40);
});
