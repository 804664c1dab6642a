import { throttling } from '@octokit/plugin-throttling';
import { Octokit } from '@octokit/rest';
import Bottleneck from 'bottleneck';

import { clean } from '../../core/text.ts';
import type { Log } from '../options.ts';

const ThrottledOctokit = Octokit.plugin(throttling);

/** How many requests are in flight at once; GitHub allows an identity 100. */
const MAX_AT_ONCE = 64;

/** Octokit's `log`. Its own default would print every 304 as an error. */
export function octokitLog(log: Log): Record<'debug' | 'info' | 'warn' | 'error', (message: string) => void> {
  const quiet = (): void => undefined;
  return {
    debug: quiet,
    info: quiet,
    // Octokit warns of deprecated endpoints.
    warn: (message) => log('debug', 'octokit warns', { warning: clean(message) }),
    error: quiet,
  };
}

/**
 * One Octokit for one identity. The throttling plugin only bounds how many requests are in flight, in groups of this
 * client's own: its default groups are shared by the whole process and let one write a second through. It repeats
 * nothing. Pace, points and stops are the work of `Budget`, whose waits end with the caller's signal.
 */
export function createOctokit(baseUrl: string, log: Log): Octokit {
  const repeatNothing = (): void => undefined;
  const throttle = {
    id: baseUrl,
    global: new Bottleneck.Group({ maxConcurrent: MAX_AT_ONCE }),
    write: new Bottleneck.Group({ maxConcurrent: MAX_AT_ONCE }),
    onRateLimit: repeatNothing,
    onSecondaryRateLimit: repeatNothing,
  };
  return new ThrottledOctokit({ baseUrl, log: octokitLog(log), throttle });
}
