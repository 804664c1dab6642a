import { describe, expect, it } from 'vitest';

import { containerAddress, freeSubnet, hostAddress, subnetCidr } from '../../src/core/subnets.ts';

describe('freeSubnet', () => {
  it.each([
    { title: 'the first when all are free', configured: [100, 101], used: [], is: 100 },
    { title: 'the next when the first is used', configured: [100, 101], used: [100], is: 101 },
    { title: 'a gap before what lies behind it', configured: [100, 101, 102], used: [100, 102], is: 101 },
    { title: 'the configured order, not the smallest', configured: [150, 100], used: [], is: 150 },
    { title: 'zero is a number like any', configured: [0], used: [], is: 0 },
    { title: 'none when all are used', configured: [100, 101], used: [100, 101], is: null },
    { title: 'none when none is configured', configured: [], used: [], is: null },
    { title: 'what is used elsewhere is no matter', configured: [100], used: [7], is: 100 },
  ])('$title', ({ configured, used, is }) => {
    expect(freeSubnet(configured, new Set(used))).toBe(is);
  });

  it('has a network, a host end and a container end', () => {
    expect([subnetCidr(117), hostAddress(117), containerAddress(117)]).toEqual([
      '192.168.117.0/24',
      '192.168.117.1',
      '192.168.117.2',
    ]);
  });
});
