import type { Config } from '../config/config.ts';
import { TokenFile } from '../config/secrets.ts';
import type { Clock, Github } from '../core/ports.ts';
import { createGithub } from '../github/client.ts';
import type { GithubOptions } from '../github/options.ts';
import type { Log } from '../telemetry/logger.ts';
import { scopesOf } from './policy.ts';
import { systemRandom } from './random.ts';
import { readVersion } from './version.ts';

/** GitHub as configured; the token is read anew before each request. */
export function openGithub(config: Config, clock: Clock, log: Log): Github {
  return createGithub(githubOptions(config, clock, log));
}

/** What a client of the configured GitHub is made of. */
export function githubOptions(config: Config, clock: Clock, log: Log): GithubOptions {
  if (config.auth.kind !== 'token') throw new Error('only a token file is supported as identity');
  const file = new TokenFile(config.auth.tokenFile);
  let told: string | null = null;
  return {
    scopes: scopesOf(config),
    apiUrl: config.githubApiUrl,
    readToken: () => {
      const reading = file.read();
      if (reading.problem !== null && reading.problem !== told) {
        log('warn', 'token file cannot be used; going on with the last good token', { why: reading.problem });
      }
      told = reading.problem;
      return reading;
    },
    registration: config.registration,
    runnerGroup: config.runnerGroup,
    clock,
    random: systemRandom,
    log,
    version: readVersion(),
  };
}
