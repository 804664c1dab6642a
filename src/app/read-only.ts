import type { Config } from '../config/config.ts';
import { messageOf } from '../core/errors.ts';
import { isOurRunner } from '../core/naming.ts';
import type { Container, Runner, Seen } from '../core/observation.ts';
import type { PlanView } from '../core/plan/plan-view.ts';
import type { Finding } from '../core/ports.ts';
import { examineGithub } from '../github/doctor.ts';
import { endContainer } from '../loop/end-container.ts';
import { examine } from '../operator/examine.ts';
import { hostNow } from '../operator/host.ts';
import { findLeftoverRunners } from '../operator/leftover-runners.ts';
import { planOnce } from '../operator/plan-once.ts';
import type { Waiting } from '../operator/sources.ts';
import { setDraining } from '../store/drain.ts';
import { githubOptions } from './github.ts';
import type { LedgerNeed } from './sources.ts';
import { openSources } from './sources.ts';

/** No examination of one part takes longer. */
const LONGEST = 60_000;

/** What can be done beside a controller that may be running: no lock is taken, and the ledger is never written. */
export interface ReadOnly {
  /** What of our own state could not be read, in words; it counts as empty. */
  readonly problems: readonly string[];
  /** What the next tick would do and why; changes nothing. */
  plan(signal: AbortSignal): Promise<PlanView>;
  /** What our own state, GitHub and the engine lack, in this order. */
  examine(signal: AbortSignal): Promise<readonly Finding[]>;
  /** Our runners that are offline and have neither promise nor container. */
  leftoverRunners(signal: AbortSignal): Promise<Seen<readonly Runner[]>>;
  /** `busy`: GitHub refuses because it runs a job. */
  deregister(runner: Runner, signal: AbortSignal): Promise<Seen<'gone' | 'busy'>>;
  /** Every container of ours on this host. */
  containers(signal: AbortSignal): Promise<Seen<readonly Container[]>>;
  /** No new jobs are taken from here on, by a controller that starts later either. */
  drain(): Promise<void>;
  /** Deregisters and ends a container: null, or why it could not be ended. Tells at once when GitHub keeps its runner. */
  end(
    container: Container,
    notDeregistered: (container: string, why: string) => void,
    signal: AbortSignal,
  ): Promise<string | null>;
  /** Ends a container at once, and asks nobody. */
  kill(name: string, signal: AbortSignal): Promise<void>;
}

/** Opens GitHub, the engine and the ledger for a command that works beside the controller. */
export async function openReadOnly(config: Config, ledger: LedgerNeed, waiting: Waiting): Promise<ReadOnly> {
  const sources = await openSources(config, ledger, waiting);
  const { controllerId, state, github, engine, clock, problems } = sources;
  return {
    problems,
    plan: (signal) => planOnce(sources, signal),
    examine: async (signal) => {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(LONGEST)]);
      const options = {
        ...githubOptions(config, clock, () => undefined),
        namePrefix: config.runnerNamePrefix,
        isOurs: (name: string) => controllerId !== null && isOurRunner(name, controllerId),
      };
      const parts = await examine([
        { check: 'github', ask: () => examineGithub(options, limit) },
        { check: 'engine', ask: () => engine.doctor(limit) },
      ]);
      const ofState = problems.map((detail): Finding => ({ check: 'state', level: 'fail', detail }));
      return [...ofState, ...parts];
    },
    leftoverRunners: (signal) => findLeftoverRunners(sources, signal),
    deregister: async ({ scope, id }, signal) => {
      try {
        return { ok: true, value: await github.deregister(scope, id, signal) };
      } catch (error) {
        return { ok: false, why: messageOf(error) };
      }
    },
    containers: async (signal) => {
      const host = await hostNow(sources, signal);
      return host.ok ? { ok: true, value: host.value.containers } : host;
    },
    drain: () => setDraining(config.stateDir, true),
    end: (container, notDeregistered, signal) =>
      endContainer({ github, engine, clock, instances: state.instances, notDeregistered }, container, signal),
    kill: (name, signal) => engine.destroy(name, { clean: false }, signal),
  };
}
