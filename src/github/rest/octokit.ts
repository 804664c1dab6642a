import { throttling } from '@octokit/plugin-throttling';
import { Octokit } from '@octokit/rest';

import { clean } from '../../core/text.ts';
import type { Log } from '../options.ts';

const ThrottledOctokit = Octokit.plugin(throttling);

type Throttle = NonNullable<NonNullable<ConstructorParameters<typeof ThrottledOctokit>[0]>['throttle']>;

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
 * One Octokit for one identity. The throttling plugin says which answers limit us, by calling the `limited` that a request
 * carries. It repeats nothing, and its own queues let everything through at once: they are shared by the whole process,
 * let one write a second through, and do not end with the caller's signal. Pace, points and stops are the work of
 * `Governor`.
 */
export function createOctokit(baseUrl: string, log: Log): Octokit {
  const throttle = {
    id: baseUrl,
    global: THROUGH,
    write: THROUGH,
    onRateLimit: (_after: number, options: object) => tell(options),
    onSecondaryRateLimit: (_after: number, options: object) => tell(options),
  } as unknown as Throttle;
  return new ThrottledOctokit({ baseUrl, log: octokitLog(log), throttle });
}

/** A group of Bottleneck's, as far as the plugin uses one, that holds up nothing. */
const THROUGH = {
  key: () => ({
    schedule: <T, A extends readonly unknown[]>(_job: object, work: (...args: A) => Promise<T>, ...args: A) =>
      work(...args),
  }),
};

/** Tells the request that its answer limits us. Anything but undefined would have the plugin repeat it. */
function tell(options: object): void {
  const request: unknown = 'request' in options ? options.request : undefined;
  if (typeof request !== 'object' || request === null || !('limited' in request)) return;
  if (typeof request.limited === 'function') request.limited();
}
