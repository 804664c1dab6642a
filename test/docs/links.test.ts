import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const FOLDERS = ['.', 'docs', 'examples', 'nix', 'test', 'bench'];
/** What is not ours, or made. */
const FOREIGN = /(?:^|\/)(?:node_modules|dist|dist-test)\//;

/** The text without what is shown as code, where a link is none; lines keep their numbers. */
function prose(text: string): string {
  return text
    .replaceAll(/^( *)(```+|~~~+)[^\n]*\n[\s\S]*?^\1\2 *$/gm, (block) => block.replaceAll(/[^\n]/g, ''))
    .replaceAll(/(`+)(?!`)[^\n]*?[^`\n]\1(?!`)/g, (code) => 'x'.repeat(code.length));
}

/** The anchors that GitHub makes of a page's headings, and those that it names itself. */
function anchors(text: string): ReadonlySet<string> {
  const found = new Set<string>();
  const inProse = text.replaceAll(/^( *)(```+|~~~+)[^\n]*\n[\s\S]*?^\1\2 *$/gm, '');
  for (const [, heading = ''] of inProse.matchAll(/^#{1,6} +(.+?) *#*$/gm)) {
    const plain = heading.replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const slug = plain.replaceAll(/[^\p{L}\p{N}\p{M} _-]/gu, '').replaceAll(' ', '-');
    let name = slug;
    for (let again = 1; found.has(name); again += 1) name = `${slug}-${again}`;
    found.add(name);
  }
  for (const [, id = ''] of inProse.matchAll(/<a +(?:id|name)="([^"]+)"/g)) found.add(id);
  return found;
}

/** Where every link of a page leads, with its line: in brackets, by reference, or as HTML. */
function targets(text: string): readonly { readonly line: number; readonly target: string }[] {
  const links = [
    /\]\(<?([^)>\s]+)>?(?:\s+"[^"]*")?\)/g,
    /^ *\[[^\]]+\]: +<?([^>\s]+)>?/gm,
    /\b(?:href|src)="([^"]+)"/g,
  ];
  const plain = prose(text);
  return links.flatMap((link) =>
    [...plain.matchAll(link)].map((match) => ({
      line: plain.slice(0, match.index).split('\n').length,
      target: match[1] ?? '',
    })),
  );
}

/** The links of a page that lead nowhere, as `line: target`. Those to other hosts are not looked at. */
function broken(page: string, text: string): readonly string[] {
  return targets(text)
    .filter(({ target }) => !/^[a-z][a-z0-9+.-]*:/i.test(target))
    .filter(({ target }) => {
      const [path = '', anchor] = target.split('#', 2);
      const file = path === '' ? page : resolve(dirname(page), decodeURIComponent(path));
      if (relative(ROOT, file).startsWith('..') || (file !== page && !existsSync(file))) return true;
      if (anchor === undefined || !file.endsWith('.md')) return false;
      const there = file === page ? text : readFileSync(file, 'utf8');
      return !anchors(there).has(decodeURIComponent(anchor));
    })
    .map(({ line, target }) => `${line}: ${target}`);
}

function pages(): readonly string[] {
  return FOLDERS.filter((folder) => existsSync(join(ROOT, folder)))
    .flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: folder !== '.', encoding: 'utf8' }).map((name) =>
        join(folder, name),
      ),
    )
    .filter((name) => name.endsWith('.md') && !FOREIGN.test(name) && statSync(join(ROOT, name)).isFile())
    .toSorted();
}

describe('every relative link leads somewhere', () => {
  it.each(pages())('%s', (name) => {
    const page = join(ROOT, name);
    expect(broken(page, readFileSync(page, 'utf8'))).toEqual([]);
  });
});

describe('the check itself', () => {
  it.each([
    ['# A page\n[up](#a-page) [over](docs/architecture.md) [out](https://example.com/x)\n', []],
    ['[gone](docs/gone.md)\n', ['1: docs/gone.md']],
    ['\n[gone](#gone)\n', ['2: #gone']],
    ['[gone](docs/architecture.md#gone-and-lost)\n', ['1: docs/architecture.md#gone-and-lost']],
    ['[outside](../x.md)\n', ['1: ../x.md']],
    ['[a]: gone.md\n', ['1: gone.md']],
    ['<img src="gone.png">\n', ['1: gone.png']],
    ['`[code](gone.md)`\n```\n[code](gone.md)\n```\n', []],
    ['## `run`: what it does\n## Same\n## Same\n[a](#run-what-it-does) [b](#same-1)\n', []],
  ])('of %j says %j', (text, said) => {
    expect(broken(join(ROOT, 'page.md'), text)).toEqual(said);
  });
});
