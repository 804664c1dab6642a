import type { Millis } from '../../core/model.ts';
import type { Container, ContainerState } from '../../core/observation.ts';
import type { Instant } from '../../core/time/instant.ts';
import { restore } from '../../core/time/instant.ts';
import { readSignals } from '../signals.ts';
import type { Unit } from '../systemd/units.ts';
import { isUp } from '../systemd/units.ts';
import { endOf, readEnd, UNRECORDED_END } from './exit-record.ts';
import type { Boot, Marked } from './mark.ts';
import type { MachinePaths } from './paths.ts';

/** What was read of one container, the unit last. */
export interface MachineFacts {
  readonly name: string;
  readonly paths: MachinePaths;
  readonly marked: Marked | null;
  /** Read before the unit was asked for: a boot promised earlier has a unit by then, or had one. */
  readonly boot: Boot | null;
  /** It is being started right now: that there is no unit yet means nothing. */
  readonly starting: boolean;
  readonly unit: Unit | null;
}

/** What the facts say of a container. */
export function toContainer(facts: MachineFacts, now: Instant): Container {
  const { name, paths, marked, boot, unit } = facts;
  const state = stateOf(facts);
  const at = (noted: Instant | null | undefined): Millis | null =>
    noted == null ? null : restore(noted, now);
  return {
    name,
    state,
    startedAt: unit?.startedAt ?? at(boot?.startedAt),
    readyAt: unit?.readyAt ?? at(boot?.readyAt),
    exit:
      state === 'ended'
        ? unit === null || isUp(unit)
          ? (readEnd(paths) ?? UNRECORDED_END)
          : endOf(unit)
        : null,
    ...readSignals(paths.signals),
    mark: marked === null ? null : { ...marked.mark, runnerName: boot?.runnerName ?? marked.mark.runnerName },
  };
}

function stateOf({ paths, boot, starting, unit }: MachineFacts): ContainerState {
  // Its last act: nothing of the container runs any more, although the unit may take a moment to go.
  if (boot !== null && !starting && readEnd(paths) !== null) return 'ended';
  if (unit !== null && isUp(unit)) return 'running';
  if (starting) return 'created';
  if (unit !== null) return 'ended';
  return boot === null ? 'created' : 'ended';
}
