/**
 * Engines make containers on this host and end them. This folder holds what every engine shares: the lifecycle
 * (`lifecycle.ts`: when something is done to a container), running programs (`command.ts`), reading what jobs wrote
 * (`signals.ts`) and errors (`failure.ts`). How it is done is below: `machine` for containers of systemd-nspawn, of which
 * `nspawn` and `nixos-container` are the two kinds, and `process` for plain processes; `systemd` and `network` are tools of
 * `machine`. An engine decides nothing: it is told a name and an order, and says what there is. Start reading at
 * `lifecycle.ts`, then `machine/engine.ts`.
 */

import type { ContainerLimits } from '../core/policy.ts';
import type { Clock, Engine } from '../core/ports.ts';
import type { Log } from '../telemetry/logger.ts';
import type { AllowedService } from './network/allowed-services.ts';
import type { NetworkKeeper } from './network/host-network.ts';
import { subnetsInUse } from './network/subnets-in-use.ts';
import { createNixosContainerEngine } from './nixos-container/nixos-container.ts';
import { createNspawnEngine } from './nspawn/nspawn.ts';
import { createProcessEngine } from './process/process.ts';

/** What every engine is made from; the configuration has this shape. */
export interface EngineSettings {
  readonly config: {
    readonly stateDir: string;
    readonly runtimeDir: string;
    readonly githubApiUrl: string;
    readonly subnets: readonly number[];
    readonly maxConcurrent: number;
    /** Bytes. */
    readonly minFreeDisk: number;
    readonly network: NetworkKeeper;
    readonly engine:
      | { readonly kind: 'nixos-container'; readonly bin: string }
      | { readonly kind: 'nspawn'; readonly rootfs: string }
      | { readonly kind: 'process'; readonly command: string };
    readonly classes: readonly {
      readonly name: string;
      readonly limits: ContainerLimits;
      readonly privateUsers: boolean | string;
      readonly containerSystem: string | null;
      readonly containerTemplate: string | null;
    }[];
  };
  readonly controllerId: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** The configured engine. */
export function createEngine({ config, controllerId, clock, log }: EngineSettings): Engine {
  const { stateDir, runtimeDir, engine } = config;
  const common = { stateDir, runtimeDir, controllerId, clock };
  const classes = new Map(config.classes.map((it) => [it.name, it]));
  const { subnets, maxConcurrent, minFreeDisk } = config;
  const machine = {
    ...common,
    subnets,
    maxConcurrent,
    minFreeDisk,
    classes,
    keeper: config.network,
    allowed: [serviceOf(config.githubApiUrl)],
  };
  switch (engine.kind) {
    case 'process':
      return createProcessEngine({
        ...common,
        command: engine.command,
        log: { warn: (fields, message) => log('warn', message, fields) },
        subnetsInUse: () => subnetsInUse(),
      });
    case 'nspawn':
      return createNspawnEngine({ ...machine, rootfs: engine.rootfs });
    case 'nixos-container':
      return createNixosContainerEngine({ ...machine, bin: engine.bin });
  }
}

/** A GitHub of one's own may be on the host or in a private range; its runners must reach it there. */
function serviceOf(apiUrl: string): AllowedService {
  const { hostname, port, protocol } = new URL(apiUrl);
  return { host: hostname, port: port === '' ? (protocol === 'http:' ? 80 : 443) : Number(port) };
}
