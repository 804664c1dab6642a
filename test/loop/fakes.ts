import type { State } from '../../src/core/model.ts';
import { EMPTY_STATE } from '../../src/core/model.ts';
import type { Answer, HostObservation, Part, Rank } from '../../src/core/observation.ts';
import type { ContainerOrder, Engine, Github, RegistrationOrder, Store } from '../../src/core/ports.ts';

/** A GitHub that answers about nothing, registers everything and writes down what it was asked. */
export class ScriptedGithub implements Github {
  readonly asked: string[] = [];
  read = (_part: Part, _rank: Rank, _signal: AbortSignal): Promise<Answer> =>
    Promise.reject(new Error('no line'));
  register = async (order: RegistrationOrder, _signal: AbortSignal) => {
    this.asked.push(`register ${order.runnerName}`);
    return Promise.resolve({ runnerId: 77, credential: { reveal: () => `of ${order.runnerName}` } });
  };
  deregister = async (_scope: string, runnerId: number, _signal: AbortSignal): Promise<'gone' | 'busy'> => {
    this.asked.push(`deregister ${runnerId}`);
    return Promise.resolve('gone');
  };
  findRunner: Github['findRunner'] = async (_scope, runnerName) => {
    this.asked.push(`find ${runnerName}`);
    return Promise.resolve(null);
  };
  rateLimit = () => null;
  requests = () => ({
    sent: 0,
    counted: 0,
    notModified: 0,
    byPurpose: { observation: 0, registration: 0, cleanup: 0 },
  });
}

/** A host that does as it is told and writes it down; a registration must come under its own name. */
export class ScriptedEngine implements Engine {
  readonly asked: string[] = [];
  observe = (_promised: readonly string[], _signal: AbortSignal): Promise<HostObservation> =>
    Promise.resolve({ askedAt: 0, containers: [], namesInUse: [], subnetsInUse: [], freeDisk: null });
  create = async ({ name }: ContainerOrder, _signal: AbortSignal): Promise<void> => {
    this.asked.push(`create ${name}`);
    return Promise.resolve();
  };
  start: Engine['start'] = async (name, { runnerName, credential }) => {
    if (credential.reveal() !== `of ${runnerName}`) throw new Error(`${runnerName} was not registered`);
    this.asked.push(`start ${name}`);
    return Promise.resolve();
  };
  discardCredential: Engine['discardCredential'] = async (name) => {
    this.asked.push(`discard-credential ${name}`);
    return Promise.resolve();
  };
  destroy: Engine['destroy'] = async (name, { clean }) => {
    this.asked.push(`destroy ${name}${clean ? ' clean' : ''}`);
    return Promise.resolve();
  };
  watch: Engine['watch'] = () => ({ [Symbol.dispose]: () => undefined });
  doctor = () => Promise.resolve([]);
}

/** A ledger in memory that can be told to fail. */
export class ScriptedStore implements Store {
  state: State = EMPTY_STATE;
  broken = false;
  saves = 0;
  async save(state: State): Promise<void> {
    if (this.broken) throw new Error('no space left on device');
    this.saves += 1;
    this.state = state;
    return Promise.resolve();
  }
}
