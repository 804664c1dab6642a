import { describe, expect, it } from 'vitest';

import { containerName, isOurRunner, runnerName } from '../../src/core/naming.ts';
import { CONTROLLER_ID, draws } from '../support/builders.ts';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz'.split('');

describe('containerName', () => {
  it.each([
    { title: 'the last seven digits of a long id', id: 41_234_567_890, taken: [], is: 'j4567890' },
    { title: 'leading zeros stay', id: 41_230_000_001, taken: [], is: 'j0000001' },
    { title: 'an id of seven digits as it is', id: 1_234_567, taken: [], is: 'j1234567' },
    { title: 'a short id as it is', id: 42, taken: [], is: 'j42' },
    { title: 'another name taken is no matter', id: 42, taken: ['j4', 'j421'], is: 'j42' },
    { title: 'a letter when it is taken', id: 42, taken: ['j42'], is: 'j42a' },
    { title: 'the next letter when that is taken too', id: 42, taken: ['j42', 'j42a', 'j42c'], is: 'j42b' },
    {
      title: 'the last letter when all before it are taken',
      id: 42,
      taken: ['j42', ...LETTERS.slice(0, 25).map((it) => `j42${it}`)],
      is: 'j42z',
    },
    {
      title: 'none when all are taken',
      id: 42,
      taken: ['j42', ...LETTERS.map((it) => `j42${it}`)],
      is: null,
    },
  ])('$title', ({ id, taken, is }) => {
    expect(containerName(id, new Set(taken))).toBe(is);
  });
});

describe('runnerName', () => {
  it('is prefix, container, four characters of the controller and four of chance', () => {
    expect(runnerName('ci01', 'j1234567', CONTROLLER_ID, new Set(), draws())).toMatch(
      /^ci01-j1234567-7f2a[a-z0-9]{4}$/,
    );
  });

  it('stays within 64 characters with the longest prefix and name', () => {
    const name = runnerName('p'.repeat(40), 'j1234567z', CONTROLLER_ID, new Set(), draws());
    expect(name.length).toBeLessThanOrEqual(64);
  });

  it('draws again while the name was used', () => {
    const first = runnerName('ci', 'j1', CONTROLLER_ID, new Set(), draws(7));
    const second = runnerName('ci', 'j1', CONTROLLER_ID, new Set([first]), draws(7));
    const third = runnerName('ci', 'j1', CONTROLLER_ID, new Set([first, second]), draws(7));
    expect(new Set([first, second, third]).size).toBe(3);
  });

  it('reaches every character of its alphabet, the last one too', () => {
    const random = draws(3);
    const seen = new Set<string>();
    for (let n = 0; n < 500; n += 1)
      for (const it of runnerName('p', 'j1', 'abcd', seen, random).slice(-4)) seen.add(it);
    expect(seen.size).toBe(36);
  });

  it('makes names that are ours', () => {
    expect(isOurRunner(runnerName('ci-01', 'j42z', CONTROLLER_ID, new Set(), draws()), CONTROLLER_ID)).toBe(
      true,
    );
  });
});

describe('isOurRunner', () => {
  it.each([
    { title: 'our form with our id', name: 'ci01-j1234567-7f2ak3x9', is: true },
    { title: 'another prefix with our id', name: 'old-host-j1-7f2ak3x9', is: true },
    { title: 'a name with a letter', name: 'ci01-j1234567q-7f2ak3x9', is: true },
    { title: "another controller's id", name: 'ci01-j1234567-7f2bk3x9', is: false },
    { title: 'our id in the part that is chance', name: 'ci01-j1234567-k3x97f2a', is: false },
    { title: 'no prefix', name: '-j1234567-7f2ak3x9', is: false },
    { title: 'a prefix that is too long', name: `${'p'.repeat(41)}-j1-7f2ak3x9`, is: false },
    { title: 'eight digits', name: 'ci01-j12345678-7f2ak3x9', is: false },
    { title: 'no digits', name: 'ci01-j-7f2ak3x9', is: false },
    { title: 'capitals in the tail', name: 'ci01-j1-7f2aK3X9', is: false },
    { title: 'a tail that is too short', name: 'ci01-j1-7f2ak3x', is: false },
    { title: 'more behind it', name: 'ci01-j1-7f2ak3x9-2', is: false },
    { title: 'a line break behind it', name: 'ci01-j1-7f2ak3x9\n', is: false },
    { title: 'a runner that a person named', name: 'my-mac', is: false },
    { title: 'nothing', name: '', is: false },
  ])('$title: $is', ({ name, is }) => {
    expect(isOurRunner(name, CONTROLLER_ID)).toBe(is);
  });
});
