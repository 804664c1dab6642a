import { describeEngine } from '../contract/engine.ts';
import { makeHost, makeNspawn } from './support/machine.ts';

describeEngine('nspawn', () => Promise.resolve(makeHost(makeNspawn)));
