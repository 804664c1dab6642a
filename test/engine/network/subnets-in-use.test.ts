import { describe, expect, it } from 'vitest';

import { parseRoutes, subnetsInUse, subnetsMet } from '../../../src/engine/network/subnets-in-use.ts';

const HEADER = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n';

function route(device: string, destination: string, flags: string, mask: string): string {
  return `${device}\t${destination}\t00000000\t${flags}\t0\t0\t0\t${mask}\t0\t0\t0\n`;
}

function met(...routes: readonly string[]): number[] {
  return subnetsMet(parseRoutes(HEADER + routes.join('')));
}

describe('the /24s of 192.168 that a host uses', () => {
  it('takes one /24 from a LAN route', () => {
    expect(met(route('eth0', '0007A8C0', '0001', '00FFFFFF'))).toEqual([7]);
  });

  it('takes one from a host route', () => {
    expect(met(route('ve-j1', '0275A8C0', '0005', 'FFFFFFFF'))).toEqual([117]);
  });

  it('takes all that a wider route covers', () => {
    expect(met(route('lan0', '0064A8C0', '0001', '00FCFFFF'))).toEqual([100, 101, 102, 103]);
    expect(met(route('vpn0', '0000A8C0', '0001', '0000FFFF'))).toHaveLength(256);
  });

  it('takes none from a default route, whole or in halves', () => {
    expect(
      met(route('eth0', '00000000', '0003', '00000000'), route('tun0', '00000080', '0003', '00000080')),
    ).toEqual([]);
  });

  it('takes none from a route that rejects', () => {
    expect(met(route('*', '0000A8C0', '0201', '0000FFFF'))).toEqual([]);
  });

  it('takes none from elsewhere', () => {
    expect(met(route('eth0', '0000000A', '0001', '000000FF'))).toEqual([]);
  });

  it('reads this machine', () => {
    expect(subnetsInUse()).toBeInstanceOf(Array);
    expect(subnetsInUse(() => true)).toEqual([]);
  });
});
