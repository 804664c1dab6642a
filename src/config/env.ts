/** Every variable of the contract, in the order in which `check-config` and the documentation list them. */
export const VARIABLES = [
  'GITHUB_REPO',
  'GITHUB_ORG',
  'GITHUB_TOKEN_FILE',
  'GITHUB_APP_ID',
  'GITHUB_APP_INSTALLATION_ID',
  'GITHUB_APP_PRIVATE_KEY_FILE',
  'GITHUB_API_URL',
  'MAX_CONCURRENT',
  'POLL_INTERVAL',
  'JOB_TIMEOUT',
  'RUNNER_STARTUP_TIMEOUT',
  'RUNNER_IDLE_TIMEOUT',
  'RUNNER_LABELS',
  'RUNNER_GROUP',
  'RUNNER_NAME_PREFIX',
  'REGISTRATION',
  'ENGINE',
  'CONTAINER_SYSTEM',
  'CONTAINER_TEMPLATE',
  'NIXOS_CONTAINER_BIN',
  'NSPAWN_ROOTFS',
  'PROCESS_RUNNER',
  'SUBNETS',
  'MIN_FREE_DISK',
  'STATE_DIR',
  'RUNTIME_DIR',
  'HTTP_HOST',
  'HTTP_PORT',
  'LOG_LEVEL',
  'LOG_FORMAT',
] as const;

export type Variable = (typeof VARIABLES)[number];

export type Environment = Readonly<Record<string, string | undefined>>;

/** An environment variable; an empty one is unset. */
export function readVariable(env: Environment, name: string): string | undefined {
  const value = Object.hasOwn(env, name) ? env[name] : undefined;
  return value === '' ? undefined : value;
}

/** The file key of a variable: `POLL_INTERVAL` is `pollInterval`. */
export function keyOf(variable: Variable): string {
  return variable.toLowerCase().replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
