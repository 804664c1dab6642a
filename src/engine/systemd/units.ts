/**
 * systemd as this project uses it: units are shown, started, ended and watched through its own programs. Nothing here
 * knows what a unit is for. Start reading here; `start.ts` and `stop.ts` are the two ends of a unit, `events.ts` tells of
 * changes, `notify.ts` speaks to systemd about the controller's own unit.
 */

import type { Millis } from '../../core/model.ts';
import { run } from '../command.ts';

/** What systemd says of one unit. */
export interface Unit {
  readonly id: string;
  readonly active: string;
  readonly sub: string;
  readonly result: string;
  /** Of the main process: null while it runs, or when it was killed. */
  readonly exitStatus: number | null;
  /** Null: not yet. */
  readonly startedAt: Millis | null;
  readonly readyAt: Millis | null;
  readonly environment: string;
  readonly usage: Usage;
}

/** What a unit used up; null where systemd does not know. */
export interface Usage {
  readonly cpuSeconds: number | null;
  readonly memoryPeak: number | null;
}

const PROPERTIES = [
  'Id',
  'LoadState',
  'ActiveState',
  'SubState',
  'Result',
  'ExecMainCode',
  'ExecMainStatus',
  'ExecMainStartTimestampMonotonic',
  'ActiveEnterTimestampMonotonic',
  'Environment',
  'CPUUsageNSec',
  'MemoryPeak',
];

const DEADLINE_MS = 10_000;
/** `CLD_EXITED` of siginfo_t. */
const EXITED = '1';

/** The loaded units that match the patterns: one process, however many there are. Throws when systemd does not answer. */
export async function showUnits(
  patterns: readonly [string, ...string[]],
  signal: AbortSignal,
): Promise<readonly Unit[]> {
  const { stdout } = await run(
    ['systemctl', 'show', '--all', '--property', PROPERTIES.join(','), '--', ...patterns],
    { signal, deadlineMs: DEADLINE_MS },
  );
  return parseUnits(stdout);
}

/** Reads what `systemctl show` prints: `KEY=value` lines, units parted by an empty line. */
export function parseUnits(text: string): Unit[] {
  return text
    .split(/\n\n+/)
    .map(parseProperties)
    .filter((unit) => unit.has('Id') && unit.get('LoadState') !== 'not-found')
    .map(toUnit);
}

/** The first `=` of a line parts key and value; later lines win. */
export function parseProperties(text: string): ReadonlyMap<string, string> {
  const properties = new Map<string, string>();
  for (const line of text.split('\n')) {
    const at = line.indexOf('=');
    if (at > 0) properties.set(line.slice(0, at), line.slice(at + 1));
  }
  return properties;
}

export function usageOf(properties: ReadonlyMap<string, string>): Usage {
  const cpu = amount(properties.get('CPUUsageNSec'));
  return { cpuSeconds: cpu === null ? null : cpu / 1e9, memoryPeak: amount(properties.get('MemoryPeak')) };
}

/** Running, or on its way up or down. */
export function isUp(unit: Unit): boolean {
  return unit.active !== 'inactive' && unit.active !== 'failed' && unit.sub !== 'exited';
}

function toUnit(properties: ReadonlyMap<string, string>): Unit {
  const text = (key: string): string => properties.get(key) ?? '';
  // In microseconds, of the same clock as ours.
  const at = (key: string): Millis | null => {
    const micros = amount(properties.get(key));
    return micros === null || micros === 0 ? null : Math.floor(micros / 1000);
  };
  return {
    id: text('Id'),
    active: text('ActiveState'),
    sub: text('SubState'),
    result: text('Result'),
    exitStatus: text('ExecMainCode') === EXITED ? Number(text('ExecMainStatus')) : null,
    startedAt: at('ExecMainStartTimestampMonotonic'),
    readyAt: at('ActiveEnterTimestampMonotonic'),
    environment: text('Environment'),
    usage: usageOf(properties),
  };
}

/** `[not set]` and the largest number of 64 bits both mean that systemd does not know. */
function amount(text: string | undefined): number | null {
  if (text === undefined || !/^\d+$/.test(text) || text === '18446744073709551615') return null;
  return Number(text);
}
