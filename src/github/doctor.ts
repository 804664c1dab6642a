import type { Finding } from '../core/ports.ts';
import type { Answer } from './errors.ts';
import { githubError, header } from './errors.ts';
import type { GithubOptions } from './options.ts';
import { ask, purposes } from './purposes.ts';
import { RepositoryUrls } from './repository-urls.ts';
import { Lists } from './rest/lists.ts';
import { Requester } from './rest/requester.ts';
import { DEFAULT_TUNING } from './tuning.ts';

/** From how many milliseconds on a difference of clocks is a warning. */
const CLOCK_WARN = 30_000;
const CLOCK_FAIL = 300_000;
/** When less than this share of the hour's requests is left, something else uses the identity too. */
const RATE_WARN = 0.1;

/** What the doctor needs besides GitHub's answers. */
export interface GithubDoctorOptions extends GithubOptions {
  readonly namePrefix: string;
  /** Whether this controller made a runner of that name. */
  readonly isOurs: (name: string) => boolean;
}

/**
 * Asks GitHub about what the controller will need: the token and its permissions, the clock, the rate limit, and
 * whether another controller uses our names for runners. It only reads, so a lacking permission to write shows only
 * at the first registration.
 */
export async function examineGithub(
  given: GithubDoctorOptions,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const options = { ...given, apiUrl: given.apiUrl.replace(/\/+$/, '') };
  const tuning = { ...DEFAULT_TUNING, ...options.tuning };
  const requester = new Requester(options, tuning);
  const lists = new Lists(requester, tuning.maxPages);
  const findings: Finding[] = [];
  for (const scope of options.scopes) {
    const urls = new RepositoryUrls(options.apiUrl, scope);
    const runs = `${urls.runs('queued').url}&per_page=1`;
    const answer = await attempt(findings, `jobs of ${scope}`, async () => {
      const read = await requester.probe(runs, ask(purposes.runs(scope, 'queued'), 'registration', signal));
      return { found: read, detail: 'can be read' };
    });
    if (answer !== null && findings.every(({ check }) => check !== 'clock')) {
      findings.push(...ofAnswer(answer, options.clock.wall()));
    }
    await attempt(findings, `runners of ${scope}`, async () => {
      const { items } = await lists.all(
        urls.runners(null),
        ask(purposes.runners(scope), 'registration', signal),
      );
      const alien = items.filter(
        ({ name }) => name.startsWith(`${options.namePrefix}-`) && !options.isOurs(name),
      );
      if (alien.length > 0) {
        findings.push({
          check: `names in ${scope}`,
          level: 'warn',
          detail: `${alien.length} runners begin with ${options.namePrefix}- and are not ours; they are left alone`,
        });
      }
      return { found: items, detail: `${items.length} listed` };
    });
  }
  const rate = requester.rateLimit();
  if (rate !== null) {
    const low = rate.remaining < rate.limit * RATE_WARN;
    findings.push({
      check: 'rate limit',
      level: low ? 'warn' : 'ok',
      detail: `${rate.remaining} of ${rate.limit} requests left this hour${low ? '; who else uses this identity?' : ''}`,
    });
  }
  return findings;
}

async function attempt<T>(
  findings: Finding[],
  check: string,
  read: () => Promise<{ found: T; detail: string }>,
): Promise<T | null> {
  try {
    const { found, detail } = await read();
    findings.push({ check, level: 'ok', detail });
    return found;
  } catch (failure) {
    findings.push({ check, level: 'fail', detail: githubError(failure).message });
    return null;
  }
}

/** Findings from the headers of a good answer: the scopes of a classic token, and the clock. */
function ofAnswer(answer: Answer, now: number): readonly Finding[] {
  const findings: Finding[] = [];
  const scopes = header(answer, 'x-oauth-scopes');
  if (scopes !== null) {
    const enough = scopes.split(/\s*,\s*/).includes('repo');
    findings.push({
      check: 'token',
      level: enough ? 'ok' : 'warn',
      detail: enough
        ? 'classic, with scope repo'
        : `classic, without scope repo (it has: ${scopes || 'none'}); runners cannot be registered`,
    });
  } else {
    findings.push({
      check: 'token',
      level: 'ok',
      detail: 'accepted; whether it may write Administration shows at the first registration',
    });
  }
  const date = Date.parse(header(answer, 'date') ?? '');
  if (!Number.isNaN(date)) {
    const off = Math.abs(now - date);
    const seconds = Math.round(off / 1000);
    findings.push({
      check: 'clock',
      level: off > CLOCK_FAIL ? 'fail' : off > CLOCK_WARN ? 'warn' : 'ok',
      detail:
        off > CLOCK_WARN
          ? `${seconds} s away from GitHub's; set up time synchronisation`
          : 'agrees with GitHub',
    });
  }
  return findings;
}
