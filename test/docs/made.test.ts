import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

import { BLOCKS } from './blocks.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const PAGES = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
const BLOCK = /^(<!-- made: (.+) -->\n)[\s\S]*?^(<!-- end: \2 -->)$/gm;

function pageOf(name: string): string {
  return readFileSync(join(ROOT, name), 'utf8');
}

/** The page with each of its blocks made anew. */
function remade(text: string): string {
  return text.replaceAll(BLOCK, (_, begin: string, name: string, end: string) => {
    const make = BLOCKS[name];
    if (make === undefined) throw new Error(`no block is named ${name}`);
    return `${begin}${make()}\n${end}`;
  });
}

// `npm run test:unit -- test/docs -u` writes the pages.
describe('what the pages repeat of the program', () => {
  const used = new Map(
    PAGES.map((page) => [page, [...pageOf(page).matchAll(BLOCK)].map(([, , name]) => name)]),
  );
  const pages = PAGES.filter((page) => used.get(page)?.length !== 0);

  it.each(pages)('%s says what the program says', async (page) => {
    await expect(remade(pageOf(page))).toMatchFileSnapshot(join(ROOT, page));
  });

  it.each(Object.keys(BLOCKS))('%s stands in one page', (name) => {
    expect([...used.values()].flat().filter((one) => one === name)).toHaveLength(1);
  });

  it('no marker is alone', () => {
    const marks = PAGES.flatMap((page) => pageOf(page).match(/^<!-- (?:made|end): .+ -->$/gm) ?? []);
    expect(marks).toHaveLength(2 * [...used.values()].flat().length);
  });
});
