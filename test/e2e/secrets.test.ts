import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import type { AnsweredRequest } from '../../src/simulator/options.ts';
import { startController } from '../support/controller.ts';
import { createHeldJobs, untilBusy, untilSuccess } from '../support/jobs.ts';
import { processes } from '../support/processes.ts';
import type { Stage } from '../support/stage.ts';
import { openStage, TOKEN } from '../support/stage.ts';
import { SLOW } from '../support/wait.ts';

/** Every text of a process that others can read, the controller's own and its instances'. */
function processTexts(stage: Stage): string {
  return processes()
    .filter(({ environ }) => environ.includes(stage.dir))
    .map(({ environ, cmdline }) => `${cmdline}\n${environ}`)
    .join('\n');
}

/** The credential a runner got, once it was used up. */
async function credentialsLeft(stage: Stage): Promise<readonly string[]> {
  const names = await readdir(join(stage.runtimeDir, 'credentials'), { recursive: true }).catch(() => []);
  return names.filter((name) => name.endsWith('runner-registration'));
}

describe('secrets', SLOW, () => {
  it.concurrent.each(['jit', 'token'] as const)(
    'REGISTRATION=%s: none is in anything that is said',
    async (mode) => {
      const secrets = new Set([TOKEN]);
      const onAnswer = ({ responseBody }: AnsweredRequest): void => {
        if (typeof responseBody !== 'object' || responseBody === null) return;
        const body = responseBody as Readonly<Record<string, unknown>>;
        for (const key of ['encoded_jit_config', 'token']) {
          const value = body[key];
          if (typeof value === 'string') secrets.add(value);
        }
      };
      await using stage = await openStage({ env: { REGISTRATION: mode, LOG_LEVEL: 'debug' }, onAnswer });
      // What goes wrong is told, too.
      stage.github.addFaults([
        { method: 'POST', path: 'runners', status: 500, after: true, count: 1 },
        { method: 'POST', path: 'runners', body: '{"encoded_jit_config": "broken', after: true, count: 1 },
        { method: 'GET', status: 401, skip: 8, count: 4 },
        { method: 'DELETE', status: 500, count: 1 },
      ]);
      await using controller = await startController(stage);
      const jobs = createHeldJobs(stage, 2);
      await untilBusy(controller, 2);
      const said = [processTexts(stage), await (await fetch(`${controller.url}/status`)).text()];
      expect(said[0]).toContain('RUNNER_SIGNALS=');
      expect(await credentialsLeft(stage)).toEqual([]);
      for (const args of [['status'], ['plan'], ['check-config', '--print']]) {
        const { stdout, stderr } = await stage.command(args);
        said.push(stdout, stderr);
      }
      await jobs.release();
      await untilSuccess(stage);
      await controller.untilQuiet();
      await stage.untilNothingIsLeft();
      said.push(await readFile(join(stage.stateDir, 'state.json'), 'utf8'));
      const { stdout, stderr } = await controller.end('SIGTERM');
      said.push(stdout, stderr);
      const all = said.join('\n');
      expect(secrets.size).toBeGreaterThan(mode === 'jit' ? 2 : 1);
      expect([...secrets].filter((secret) => all.includes(secret))).toEqual([]);
    },
  );
});
