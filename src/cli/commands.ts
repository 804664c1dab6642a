import { ENGINE_KINDS } from '../core/ports.ts';
import type { Command } from './command.ts';
import { command } from './command.ts';
import type { Flag } from './flag.ts';

const CONFIG = {
  kind: 'text',
  placeholder: 'FILE',
  says: 'JSON configuration; variables that are set win over it',
  common: true,
} as const satisfies Flag;

const JSON_FLAG = { kind: 'switch', says: 'print JSON' } as const satisfies Flag;

/** Every command, in the order of the overview. A command's code is loaded when it is called. */
export const COMMANDS: readonly Command[] = [
  command({
    name: 'run',
    summary: 'the service: poll, plan, act, until SIGTERM or SIGINT (also with no command)',
    operands: [],
    flags: { config: CONFIG },
    exits: {
      failed: 'the port or the control socket is in use; the ledger cannot be read or is of a newer version',
      usage: 'usage or configuration; a real engine without root',
      locked: 'another controller holds STATE_DIR',
    },
    load: async () => (await import('./commands/run.ts')).run,
  }),
  command({
    name: 'plan',
    summary: 'looks once and prints what the next tick would do and why; changes nothing',
    operands: [],
    flags: { config: CONFIG, json: JSON_FLAG },
    exits: { failed: 'GitHub or the engine was not read in full, or the ledger cannot be used' },
    load: async () => (await import('./commands/plan.ts')).plan,
  }),
  command({
    name: 'status',
    summary: 'what the running controller is doing',
    operands: [],
    flags: {
      config: CONFIG,
      json: JSON_FLAG,
      watch: { kind: 'switch', says: 'print again every 2 s until interrupted' },
    },
    exits: { unreachable: 'no controller answers' },
    load: async () => (await import('./commands/status.ts')).status,
  }),
  command({
    name: 'stop',
    summary: 'ends one container: deregisters it, then stops it cleanly',
    operands: [{ name: 'NAME', required: true, says: 'of a container; runner-controller status lists them' }],
    flags: { config: CONFIG, now: { kind: 'switch', says: 'kill it instead' } },
    exits: { failed: 'there is no such container', unreachable: 'no controller answers' },
    example: 'stop j1234567 --now',
    load: async () => (await import('./commands/stop.ts')).stop,
  }),
  command({
    name: 'cleanup runners',
    summary: 'deletes our runners that are offline and have neither promise nor container',
    operands: [],
    flags: { config: CONFIG, 'dry-run': { kind: 'switch', says: 'only print what would be deleted' } },
    exits: {
      failed:
        'one was not deleted; or the engine or the list of runners cannot be read, and nothing was deleted',
    },
    load: async () => (await import('./commands/cleanup-runners.ts')).cleanupRunners,
  }),
  command({
    name: 'cleanup containers',
    summary: 'emergency: ends every container of ours, running jobs included; drains first',
    operands: [],
    flags: {
      config: CONFIG,
      'dry-run': { kind: 'switch', says: 'only print what would end' },
      yes: { kind: 'switch', says: 'do not ask' },
    },
    exits: {
      failed: 'a container is left, or the engine cannot be read',
      usage: 'usage or configuration; no root; not confirmed: nothing was done',
    },
    load: async () => (await import('./commands/cleanup-containers.ts')).cleanupContainers,
  }),
  command({
    name: 'drain',
    summary: 'takes no new jobs and lets running ones end; kept over restarts',
    operands: [],
    flags: {
      config: CONFIG,
      wait: { kind: 'switch', says: 'return when no container is left' },
      timeout: {
        kind: 'number',
        placeholder: 'S',
        says: 'give up after S seconds',
        unit: 'whole seconds',
        least: 1,
        most: 604_800,
        goesWith: 'wait',
      },
    },
    exits: {
      failed: 'the controller refused; --timeout passed or the wait was interrupted, and draining goes on',
      unreachable: 'no controller answers',
    },
    example: 'drain --wait --timeout 3600',
    load: async () => (await import('./commands/drain.ts')).drain,
  }),
  command({
    name: 'resume',
    summary: 'takes new jobs again',
    operands: [],
    flags: { config: CONFIG },
    exits: { failed: 'the controller refused', unreachable: 'no controller answers' },
    load: async () => (await import('./commands/drain.ts')).resume,
  }),
  command({
    name: 'doctor',
    summary: 'checks config, token, engine, template, network and clock, and says what to do',
    operands: [],
    flags: { config: CONFIG, json: JSON_FLAG },
    exits: { ok: 'nothing fails; there may be warnings', failed: 'something fails' },
    load: async () => (await import('./commands/doctor.ts')).doctor,
  }),
  command({
    name: 'check-config',
    summary: 'checks the configuration and nothing else',
    operands: [],
    flags: {
      config: CONFIG,
      print: { kind: 'switch', says: 'print the effective configuration as JSON, without secrets' },
      schema: { kind: 'switch', says: "print the file's JSON Schema; needs no configuration" },
      offline: {
        kind: 'switch',
        says: 'look at the words alone, not at secrets, templates or store paths, as in a build sandbox',
      },
    },
    exits: { usage: 'the configuration has problems, each on a line of its own' },
    load: async () => (await import('./commands/check-config.ts')).checkConfig,
  }),
  command({
    name: 'demo',
    summary: 'a simulated GitHub on loopback and a whole controller against it',
    operands: [],
    flags: {
      engine: {
        kind: 'choice',
        placeholder: 'E',
        says: 'the engine to use',
        choices: ENGINE_KINDS,
        default: 'process',
      },
      jobs: {
        kind: 'number',
        placeholder: 'N',
        says: 'how many jobs',
        unit: 'a whole number',
        least: 12,
        most: 200,
        default: 14,
      },
      keep: { kind: 'switch', says: 'leave the state directory and say where it is' },
    },
    exits: { failed: 'something was left behind, ran twice or did not end, or it was interrupted' },
    load: async () => (await import('./demo/demo.ts')).demo,
  }),
];
