import { describe, expect, it } from 'vitest';

import { evaluateHosts, host, lacksLibrary, skipped } from './support/nix.ts';

const missing = lacksLibrary();

describe.skipIf(missing !== null)(`option types${skipped(missing)}`, () => {
  it.each([
    ['a repository without an owner', 'repo = lib.mkForce "hello";', /repository as owner\/repo/u],
    ['a label with a comma', 'labels = [ "a,b" ];', /label without comma or space/u],
    ['a label with a space', 'classes.x.labels = [ "a b" ];', /label without comma or space/u],
    ['no label at all', 'classes.x.labels = [ ];', /labels/u],
    ['a number out of range', 'maxConcurrent = 101;', /between 1 and 100/u],
    ['a size that is none', 'limits.memoryMax = "4 GB";', /size in bytes/u],
    ['an unknown engine', 'engine = "process";', /one of "nixos-container", "nspawn"/u],
    ['a subnet with leading zeros', 'subnets = "192.168.007";', /subnets/u],
    ['subnets elsewhere', 'subnets = "10.0.0";', /subnets/u],
    ['an option that does not exist', 'max_concurrent = 3;', /does not exist/u],
    ['a user namespace that is none', 'classes.x.privateUsers = "sure";', /privateUsers/u],
    ['a resolver by name', 'network.nameservers = [ "dns.example.com" ];', /IPv4 address/u],
  ])('refuses %s', (_, options, message) => {
    expect(() => evaluateHosts({ bad: host(options) })).toThrow(message);
  });
});
