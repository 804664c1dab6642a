import type { Finding } from '../../app.ts';
import { openReadOnly } from '../../app.ts';
import type { Config } from '../../config/config.ts';
import { loadConfig, rootProblem } from '../../config/config.ts';
import { describeProblem } from '../../config/problem.ts';
import { clean } from '../../core/text.ts';
import { controlSocket, fetchStatus } from '../call.ts';
import type { Configured, Io } from '../io.ts';
import { CommandFailure, EXIT } from '../io.ts';
import { saying, sayingTo } from '../waiting.ts';

/** Checks everything that the controller needs; one line each, and what to do. Fails when one of them does. */
export async function doctor(
  io: Io,
  { config: file, json }: Configured & { readonly json: boolean },
): Promise<number> {
  const config = loadConfig(file, io.env, io.host);
  const program = await openReadOnly(config, 'optional', sayingTo(io));
  const examined = Promise.all([program.examine(io.signal), service(config)]);
  const [parts, running] = await saying(io, 'GitHub, the engine and the service', examined);
  const findings = [...ofConfig(config, io.host.uid), ...parts, running];
  if (json) io.out(JSON.stringify({ findings }, null, 2));
  else
    for (const { check, level, detail } of findings) io.out(`${level.padEnd(4)}  ${check}: ${clean(detail)}`);
  return findings.some(({ level }) => level === 'fail') ? EXIT.failed : EXIT.ok;
}

function ofConfig(config: Config, uid: number): readonly Finding[] {
  const root = rootProblem(config, uid);
  return [
    ...config.warnings.map((detail): Finding => ({ check: 'config', level: 'warn', detail })),
    ...(config.warnings.length === 0 ? [{ check: 'config', level: 'ok', detail: 'valid' } as const] : []),
    ...(root === null ? [] : [{ check: 'root', level: 'fail', detail: describeProblem(root) } as const]),
  ];
}

async function service(config: Config): Promise<Finding> {
  try {
    const { version, draining } = await fetchStatus(controlSocket(config));
    return {
      check: 'service',
      level: draining ? 'warn' : 'ok',
      detail: draining
        ? `${version}, draining; resume with runner-controller resume`
        : `${version} is running`,
    };
  } catch (error) {
    if (error instanceof CommandFailure) return { check: 'service', level: 'warn', detail: 'is not running' };
    throw error;
  }
}
