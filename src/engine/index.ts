import type { Clock, Engine } from '../core/ports.ts';
import type { Log } from '../telemetry/logger.ts';
import { subnetsInUse } from './host-network.ts';
import { createProcessEngine } from './process.ts';

/** What every engine is made from; the configuration has this shape. */
export interface EngineSettings {
  readonly config: {
    readonly stateDir: string;
    readonly runtimeDir: string;
    readonly engine:
      | { readonly kind: 'nixos-container'; readonly bin: string }
      | { readonly kind: 'nspawn'; readonly rootfs: string }
      | { readonly kind: 'process'; readonly command: string };
  };
  readonly controllerId: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** The configured engine. */
export function createEngine({ config, controllerId, clock, log }: EngineSettings): Engine {
  const { stateDir, runtimeDir, engine } = config;
  switch (engine.kind) {
    case 'process':
      return createProcessEngine({
        stateDir,
        runtimeDir,
        command: engine.command,
        controllerId,
        clock,
        log: { warn: (fields, message) => log('warn', message, fields) },
        subnetsInUse: () => subnetsInUse(),
      });
    case 'nspawn':
    case 'nixos-container':
      throw new Error(`ENGINE=${engine.kind} is not part of this version`);
  }
}
