import { describeEngine } from '../contract/engine.ts';
import { makeHost, makeNixos } from './support/machine.ts';

describeEngine('nixos-container', () => Promise.resolve(makeHost(makeNixos)));
