/**
 * IPv4 networks that no job may reach, because nothing public is there: this network, private, shared, loopback,
 * link-local (metadata services), protocol assignments, benchmarks, multicast and reserved (IANA's registry of special
 * purpose addresses).
 */
export const FORBIDDEN_ADDRESSES = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '224.0.0.0/3',
];
