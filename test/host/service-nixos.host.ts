import { describeService } from './support/service-suite.ts';

// The stand-in for NixOS's CLI is slow, and forty queue up as well.
describeService('nixos-container', 40);
