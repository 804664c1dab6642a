import { describeHostile } from './support/hostile-suite.ts';
import { makeNixos } from './support/machine.ts';

describeHostile({ kind: 'nixos-container', open: makeNixos, unit: 'container@j1.service' });
