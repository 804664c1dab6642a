import { throttling } from '@octokit/plugin-throttling';
import { Octokit } from '@octokit/rest';
import Bottleneck from 'bottleneck';
import type { Log } from '../options.ts';
import { clean } from '../../core/text.ts';

const ThrottledOctokit = Octokit.plugin(throttling);

/** GitHub's wall is 100 requests at once and identity. */
const MAX_AT_ONCE = 64;

/** Octokit's `log`. Its own default would print every 304 as an error. */
export function octokitLog(log: Log): Record<'debug' | 'info' | 'warn' | 'error', (message: string) => void> {
  const quiet = (): void => undefined;
  return {
    debug: quiet,
    info: quiet,
    // Deprecations of endpoints come here.
    warn: (message) => log('debug', 'octokit warns', { warning: clean(message) }),
    error: quiet,
  };
}

/**
 * One Octokit for one identity. The throttling plugin holds the number of requests at once in groups of this
 * client's own (its defaults are shared by the whole process and let one write a second through); pace, points
 * and stops are `Budget`'s, whose waits end with the caller's signal. The plugin repeats nothing.
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
