import { githubOptions } from '../../app.ts';
import { systemClock } from '../../clock.ts';
import { loadConfig, rootProblem } from '../../config/config.ts';
import { describeProblem } from '../../config/problem.ts';
import { isOurRunner } from '../../core/naming.ts';
import type { Finding } from '../../core/ports.ts';
import { examineGithub } from '../../github/doctor.ts';
import { clean } from '../../core/text.ts';
import { controlSocket, fetchStatus } from '../call.ts';
import type { Io } from '../io.ts';
import { CommandFailure, EXIT } from '../io.ts';
import { saying } from '../waiting.ts';
import { openWitnesses } from '../witnesses.ts';
import { messageOf } from '../../core/errors.ts';

/** No examination of one part takes longer. */
const LONGEST = 60_000;

/** Checks everything that the controller needs; one line each, and what to do. Fails when one of them does. */
export async function doctor(io: Io, file: string | undefined, json: boolean): Promise<number> {
  const config = loadConfig(file, io.env, io.host);
  const findings: Finding[] = config.warnings.map((detail) => ({ check: 'config', level: 'warn', detail }));
  if (findings.length === 0) findings.push({ check: 'config', level: 'ok', detail: 'valid' });
  const root = rootProblem(config, io.host.uid);
  if (root !== null) findings.push({ check: 'root', level: 'fail', detail: describeProblem(root) });
  const signal = AbortSignal.any([io.signal, AbortSignal.timeout(LONGEST)]);
  const { controllerId, engine } = await openWitnesses(config, 'optional', (line) => {
    findings.push({ check: 'state', level: 'fail', detail: line.replace(/^warning: /, '') });
  });
  const options = githubOptions(config, systemClock, () => undefined);
  const examined = Promise.all([
    examine('github', () =>
      examineGithub(
        {
          ...options,
          namePrefix: config.namePrefix,
          isOurs: (name) => controllerId !== null && isOurRunner(name, controllerId),
        },
        signal,
      ),
    ),
    examine('engine', () => engine.doctor(signal)),
    examine('service', async () => [await service(config)]),
  ]);
  const parts = await saying(io, 'GitHub, the engine and the service', examined);
  findings.push(...parts.flat());
  if (json) io.out(JSON.stringify({ findings }, null, 2));
  else
    for (const { check, level, detail } of findings) io.out(`${level.padEnd(4)}  ${check}: ${clean(detail)}`);
  return findings.some(({ level }) => level === 'fail') ? EXIT.failed : EXIT.ok;
}

async function service(config: Parameters<typeof controlSocket>[0]): Promise<Finding> {
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

async function examine(check: string, ask: () => Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  try {
    return await ask();
  } catch (error) {
    return [{ check, level: 'fail', detail: messageOf(error) }];
  }
}
