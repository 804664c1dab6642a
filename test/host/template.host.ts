import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { TemplateStore } from '../../src/engine/nixos-container/template.ts';
import { makeOptions, NEVER } from './support/machine.ts';
import { sh } from './support/shell.ts';

/** Counts its builds in a file, since nothing in this store has a sandbox. */
function expression(directory: string): string {
  const path = join(directory, 'build.nix');
  writeFileSync(
    path,
    `{ template }: derivation {
      name = "system"; system = builtins.currentSystem; builder = "/bin/sh"; content = builtins.readFile template;
      args = [ "-c" "echo built >> ${directory}/builds; echo \\"$content\\" > $out" ];
    }`,
  );
  return path;
}

it('builds a template once per content, keeps it from the garbage collector, and forgets the one before', async () => {
  const { stateDir } = makeOptions();
  const template = join(stateDir, 'template.nix');
  const builds = (): number => readFileSync(join(stateDir, 'builds'), 'utf8').trim().split('\n').length;
  const store = new TemplateStore(stateDir, expression(stateDir));

  writeFileSync(template, '{ }');
  const [first, again] = await Promise.all([
    store.systemOf(template, NEVER),
    store.systemOf(template, NEVER),
  ]);
  expect(first).toMatch(/^\/nix\/store\//);
  expect(again).toBe(first);
  expect(builds()).toBe(1);

  const next = new TemplateStore(stateDir, expression(stateDir));
  sh('nix-store --gc 2>&1');
  expect(await next.systemOf(template, NEVER)).toBe(first);
  expect(existsSync(first)).toBe(true);
  expect(builds()).toBe(1);

  writeFileSync(template, '{ other = true; }');
  const second = await next.systemOf(template, NEVER);
  expect(second).not.toBe(first);
  expect(builds()).toBe(2);
  expect(readdirSync(join(stateDir, 'templates'))).toHaveLength(1);
});

it('says which template is missing', async () => {
  const { stateDir } = makeOptions();
  const store = new TemplateStore(stateDir, expression(stateDir));
  await expect(store.systemOf('/etc/nixos/none.nix', NEVER)).rejects.toThrow(
    '/etc/nixos/none.nix cannot be read',
  );
});
