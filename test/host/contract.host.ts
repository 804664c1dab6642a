import { describeEngine } from '../contract/engine.ts';
import { makeHost, makeNixos, makeNspawn } from './support/machine.ts';

describeEngine('nspawn', () => Promise.resolve(makeHost(makeNspawn)));
describeEngine('nixos-container', () => Promise.resolve(makeHost(makeNixos)));
