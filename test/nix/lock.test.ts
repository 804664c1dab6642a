import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { evaluate, lacks, ROOT, skipped } from './support/nix.ts';

interface Entry {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly inBundle?: boolean;
  readonly optional?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly name?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}
type Packages = Readonly<Record<string, Entry>>;

const missing = lacks('nix-instantiate');
const LINUX = '{ os = "linux"; cpu = "x64"; libc = "glibc"; }';

function complete(lock: unknown, options = '{ }'): Packages {
  const text = JSON.stringify(JSON.stringify(lock)).replaceAll('${', '\\${');
  const expression = `(import ${ROOT}/nix/lock.nix ${options} (builtins.fromJSON ${text})).packages`;
  return evaluate(expression) as Packages;
}

function one(key: string, entry: Entry, options?: string): Entry | undefined {
  return complete({ packages: { '': {}, [key]: entry } }, options)[key];
}

describe.skipIf(missing !== null)(`nix/lock.nix${skipped(missing)}`, () => {
  const entry = { version: '1.2.3', integrity: 'sha512-abc' };

  it.each([
    ['a plain package', 'node_modules/zod', entry, 'https://registry.yarnpkg.com/zod/-/zod-1.2.3.tgz'],
    ['a scoped one', 'node_modules/@a/b', entry, 'https://registry.yarnpkg.com/@a/b/-/b-1.2.3.tgz'],
    [
      'a nested one',
      'node_modules/x/node_modules/@a/b',
      entry,
      'https://registry.yarnpkg.com/@a/b/-/b-1.2.3.tgz',
    ],
    [
      'an alias',
      'node_modules/old',
      { ...entry, name: '@a/real' },
      'https://registry.yarnpkg.com/@a/real/-/real-1.2.3.tgz',
    ],
    [
      'a prerelease',
      'node_modules/p',
      { ...entry, version: '2.0.0-rc.1' },
      'https://registry.yarnpkg.com/p/-/p-2.0.0-rc.1.tgz',
    ],
    [
      'an address that is there',
      'node_modules/g',
      { ...entry, resolved: 'https://e/g.tgz' },
      'https://e/g.tgz',
    ],
    ['a linked workspace', 'node_modules/w', { link: true, resolved: 'packages/w' }, 'packages/w'],
    ['a workspace itself', 'packages/w', { version: '1.0.0' }, undefined],
    ['a bundled one', 'node_modules/n/node_modules/b', { ...entry, inBundle: true }, undefined],
  ] as const)('%s', (_, key, given, resolved) => {
    const completed = one(key, given);
    expect(completed?.resolved).toBe(resolved);
    expect(completed?.integrity).toBe('integrity' in given ? given.integrity : undefined);
  });

  it('takes another registry', () => {
    expect(one('node_modules/@a/b', entry, '{ registry = "http://127.0.0.1:4873"; }')?.resolved).toBe(
      'http://127.0.0.1:4873/@a/b/-/b-1.2.3.tgz',
    );
  });

  it.each([
    ['another system', { os: ['win32'] }, false],
    ['another processor', { cpu: ['arm64'] }, false],
    ['another C library', { libc: ['musl'] }, false],
    ['an excluded system', { os: ['!linux'] }, false],
    ['an exclusion of others', { os: ['!win32'] }, true],
    ['this platform', { os: ['linux'], cpu: ['x64'], libc: ['glibc'] }, true],
  ] as const)('an optional package for %s', (_, platform, wanted) => {
    const given = { ...entry, ...platform, optional: true };
    expect(one('node_modules/o', given, LINUX)?.resolved !== undefined).toBe(wanted);
    expect(one('node_modules/o', given)?.resolved, 'without a platform').toBeDefined();
    expect(
      one('node_modules/o', { ...given, optional: false }, LINUX)?.resolved,
      'not optional',
    ).toBeDefined();
  });

  it('drops an optional dependency that the lock has no entry for, and keeps the others', () => {
    const packages = complete({
      packages: {
        'node_modules/a': { ...entry, optionalDependencies: { b: '1', gone: '1' } },
        'node_modules/a/node_modules/b': entry,
      },
    });
    expect(packages['node_modules/a']?.optionalDependencies).toEqual({ b: '1' });
  });

  it('refuses an entry without integrity', () => {
    expect(() => one('node_modules/bad', { version: '1.0.0' })).toThrow(
      /node_modules\/bad has no version or no integrity/,
    );
  });

  describe('with the real package-lock.json', () => {
    const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as { packages: Packages };
    const completed = missing === null ? complete(lock, LINUX) : {};

    it('gives every entry of this platform a well-formed address, and keeps all integrity', () => {
      const wrong = Object.entries(completed).filter(([key, after]) => {
        if (key === '' || after.inBundle === true || isForeign(after)) return false;
        const name = after.name ?? key.slice(key.lastIndexOf('node_modules/') + 'node_modules/'.length);
        const url = `https://registry.yarnpkg.com/${name}/-/${name.replace(/^@[^/]+\//u, '')}-${after.version}.tgz`;
        return after.resolved !== url || !/^sha(?:1|512)-[A-Za-z0-9+/]+=*$/u.test(after.integrity ?? '');
      });
      expect(wrong).toEqual([]);
      expect(Object.values(completed).filter((each) => each.resolved !== undefined).length).toBeGreaterThan(
        50,
      );
      expect(Object.entries(completed).map(([key, each]) => [key, each.integrity])).toEqual(
        Object.keys(completed).map((key) => [key, lock.packages[key]?.integrity]),
      );
    });
  });
});

function isForeign({ optional, os, cpu, libc }: Entry): boolean {
  const admits = (list: readonly string[] | undefined, wanted: string): boolean =>
    list?.includes(wanted) ?? true;
  return optional === true && !(admits(os, 'linux') && admits(cpu, 'x64') && admits(libc, 'glibc'));
}
