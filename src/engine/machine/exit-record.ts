import type { Container } from '../../core/observation.ts';
import { readSmallFile } from '../small-file.ts';
import type { Unit, Usage } from '../systemd/units.ts';
import { parseProperties, usageOf } from '../systemd/units.ts';
import type { MachinePaths } from './paths.ts';

type Exit = NonNullable<Container['exit']>;

const MAX_BYTES = 4096;
/** systemd-nspawn's own status for a container that asked for a reboot. */
const REBOOT = 133;

/** A script for `ExecStopPost=`: systemd forgets a unit that is over, so the unit says itself how it ended. */
export function recordScript(unit: string, paths: MachinePaths): string {
  return `#!/bin/sh
umask 077
{
  printf 'Result=%s\\nCode=%s\\nStatus=%s\\n' "$SERVICE_RESULT" "$EXIT_CODE" "$EXIT_STATUS"
  systemctl show --property CPUUsageNSec,MemoryPeak -- '${unit}'
} > '${paths.record}.next'
mv '${paths.record}.next' '${paths.record}'
`;
}

/** Null: the unit has recorded no end. */
export function readEnd(paths: MachinePaths): Exit | null {
  const text = readSmallFile(paths.record, MAX_BYTES);
  if (text === null) return null;
  const record = parseProperties(text);
  const status = record.get('Code') === 'exited' ? Number(record.get('Status')) : null;
  return describeEnd(record.get('Result') ?? '', status, usageOf(record));
}

/** How a unit that is still loaded, and over, has ended. */
export function endOf(unit: Unit): Exit {
  return describeEnd(unit.result, unit.exitStatus, unit.usage);
}

export const UNRECORDED_END: Exit = {
  code: null,
  detail: 'its unit is gone without a record: the host was restarted, or somebody removed it',
};

function describeEnd(result: string, code: number | null, usage: Usage): Exit {
  const used = [
    usage.cpuSeconds === null ? '' : `${usage.cpuSeconds.toFixed(1)} s of CPU`,
    usage.memoryPeak === null ? '' : `${Math.ceil(usage.memoryPeak / 2 ** 20)} MiB of memory at most`,
  ].filter((text) => text !== '');
  const how = words(result, code);
  return { code, detail: used.length === 0 ? how : `${how}; it used ${used.join(', ')}` };
}

function words(result: string, code: number | null): string {
  if (code === REBOOT) return 'it asked for a reboot, and boots only once';
  if (result === 'success' && code === 0) return 'it powered itself off';
  if (result === 'success') return 'it was stopped';
  if (result === 'exit-code') return `it ended with status ${code ?? 'unknown'}`;
  if (result === 'protocol') return 'it powered itself off before it was ready (protocol)';
  if (result === 'oom-kill') return 'it ran out of memory (oom-kill)';
  if (result === 'timeout') return 'it was not ready, or not stopped, in time (timeout)';
  return `its unit ended with the result ${result === '' ? 'unknown' : result}`;
}
