import type { ClassConfig, Config } from './model.ts';

/**
 * The effective configuration as a configuration file: every default written out, keys in the contract's order,
 * no secrets, because a `Config` holds only the paths of them. Parsing it gives the same `Config` again.
 */
export function printConfig(config: Config): string {
  const file = {
    scopes: config.scopes,
    ...authKeys(config.auth),
    githubApiUrl: config.apiUrl,
    maxConcurrent: config.maxConcurrent,
    pollInterval: config.pollIntervalMs / 1000,
    jobTimeout: config.jobTimeoutMs / 1000,
    runnerStartupTimeout: config.startupTimeoutMs / 1000,
    runnerIdleTimeout: config.idleTimeoutMs / 1000,
    runnerGroup: config.runnerGroup,
    runnerNamePrefix: config.namePrefix,
    registration: config.registration,
    engine: config.engine.kind,
    ...engineKeys(config.engine),
    subnets: printSubnets(config.subnets),
    minFreeDisk: config.minFreeDisk,
    stateDir: config.stateDir,
    runtimeDir: config.runtimeDir,
    httpHost: config.http.host,
    httpPort: config.http.port,
    logLevel: config.log.level,
    logFormat: config.log.format,
    classes: config.classes.map(classKeys),
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

function authKeys(auth: Config['auth']): Readonly<Record<string, string | number>> {
  if (auth.kind === 'token') return { githubTokenFile: auth.tokenFile };
  return {
    githubAppId: auth.appId,
    githubAppInstallationId: auth.installationId,
    githubAppPrivateKeyFile: auth.privateKeyFile,
  };
}

function engineKeys(engine: Config['engine']): Readonly<Record<string, string>> {
  switch (engine.kind) {
    case 'nixos-container':
      return { nixosContainerBin: engine.bin };
    case 'nspawn':
      return { nspawnRootfs: engine.rootfs };
    case 'process':
      return { processRunner: engine.command };
  }
}

function classKeys(runnerClass: ClassConfig): Readonly<Record<string, unknown>> {
  const { containerSystem, containerTemplate } = runnerClass;
  return {
    name: runnerClass.name,
    labels: runnerClass.labels,
    max: runnerClass.max,
    jobTimeout: runnerClass.jobTimeoutMs / 1000,
    ...(containerSystem === null ? {} : { containerSystem }),
    ...(containerTemplate === null ? {} : { containerTemplate }),
    limits: runnerClass.limits,
    privateUsers: runnerClass.privateUsers,
  };
}

/** Writes ascending neighbours as a range. The order stays, because subnets are used in that order. */
function printSubnets(subnets: readonly number[]): string {
  const ranges: { readonly first: number; last: number }[] = [];
  for (const n of subnets) {
    const open = ranges.at(-1);
    if (open !== undefined && open.last + 1 === n) open.last = n;
    else ranges.push({ first: n, last: n });
  }
  return ranges
    .map(({ first, last }) => (first === last ? `192.168.${first}` : `192.168.${first}-${last}`))
    .join(',');
}
