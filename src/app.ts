/**
 * The doors of the program, for the command line and for tests: everything that is put together is put together in
 * `app/`, and nowhere else. It may import every folder but `cli` and the simulator. Each door loads what is behind it
 * when it is opened, so that `--version` loads nothing. Start reading at `app/controller.ts`, which is the service.
 */
import type { App, Overrides } from './app/controller.ts';
import type { ReadOnly } from './app/read-only.ts';
import type { Supervisor } from './app/service.ts';
import type { LedgerNeed } from './app/sources.ts';
import type { Config } from './config/config.ts';
import type { Waiting } from './operator/sources.ts';
import type { Log } from './telemetry/logger.ts';

export { StartFailure } from './app/start-failure.ts';
export { readVersion } from './app/version.ts';
export type { App, Overrides } from './app/controller.ts';
export type { ReadOnly } from './app/read-only.ts';
export type { Moment } from './core/view.ts';
export type { Container } from './core/observation.ts';
export type { PlanView } from './core/plan/plan-view.ts';
export type { Finding } from './core/ports.ts';

/** Opens a controller: listening, and not yet running. */
export async function openApp(config: Config, log: Log, overrides: Overrides = {}): Promise<App> {
  const { openController } = await import('./app/controller.ts');
  return openController(config, log, overrides);
}

/** The configured log, into a file instead of to stdout. */
export async function openLogFile(config: Config, path: string): Promise<Log> {
  const { logToFile } = await import('./app/log-file.ts');
  return logToFile(config, path);
}

/**
 * A controller with its log and its supervisor, until the signal fires. Running jobs are left alone.
 * @throws StartFailure when something on this host has to be put right first
 */
export async function runService(config: Config, supervisor: Supervisor, signal: AbortSignal): Promise<void> {
  const service = await import('./app/service.ts');
  await service.runService(config, supervisor, signal);
}

/**
 * Opens GitHub, the engine and the ledger for a command that works beside a controller, running or not: no lock is
 * taken, and the ledger is never written.
 * @param waiting lets the person who asked know what is waited for
 * @throws StartFailure when a `required` ledger cannot be read
 */
export async function openReadOnly(config: Config, ledger: LedgerNeed, waiting: Waiting): Promise<ReadOnly> {
  const readOnly = await import('./app/read-only.ts');
  return readOnly.openReadOnly(config, ledger, waiting);
}
