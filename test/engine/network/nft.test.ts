import { describe, expect, it } from 'vitest';

import { mountsBelow } from '../../../src/engine/machine/remove.ts';
import { nftScript } from '../../../src/engine/network/nft.ts';
import { parseResolvers, resolvConf } from '../../../src/engine/network/resolvers.ts';

describe('our table', () => {
  it('is replaced in one step', () => {
    const text = nftScript(
      [{ name: 'j1', subnet: 117 }],
      [{ address: '10.0.0.5', protocol: 'tcp', port: 443 }],
    );
    expect(
      text.startsWith(
        'table inet runner_controller {}\ndelete table inet runner_controller\ntable inet runner_controller {',
      ),
    ).toBe(true);
    expect(text).toContain('"ve-j1" . 192.168.117.2');
    expect(text).toContain('10.0.0.5 . tcp . 443');
  });

  it('goes when there is nobody to keep apart', () => {
    expect(nftScript([], [{ address: '10.0.0.5', protocol: 'tcp', port: 443 }])).toBe(
      'table inet runner_controller {}\ndelete table inet runner_controller\n',
    );
  });
});

describe('nameservers that a container can use', () => {
  it('are those of IPv4 that are not on loopback', () => {
    const text =
      '# one\nnameserver 127.0.0.53\nnameserver 10.0.0.2 \n nameserver ::1\nnameserver 0.0.0.0\nsearch x\nnameserver 9.9.9.9\n';
    expect(parseResolvers(text)).toEqual(['10.0.0.2', '9.9.9.9']);
    expect(resolvConf(['9.9.9.9'])).toBe('nameserver 9.9.9.9\n');
  });
});

it('mount points at or below a path are found, with what the kernel escapes', () => {
  const mounts = 'a /x rw 0 0\nb /x/a\\040b tmpfs 0 0\nc /xy ext4 0 0\nd /x/c ext4 0 0\n';
  expect(mountsBelow(mounts, '/x')).toEqual(['/x', '/x/a b', '/x/c']);
});
