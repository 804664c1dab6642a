import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

import { COMMANDS } from '../../src/cli/commands.ts';
import { PHASES, STOP_REASONS } from '../../src/core/model.ts';
import { WAITING_REASONS } from '../../src/core/policy.ts';
import { ENGINE_KINDS } from '../../src/core/ports.ts';
import { HEALTH_REASONS } from '../../src/core/view.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** Where each closed list is explained, and what a line that explains one of its words begins with. */
const EXPLAINED: readonly (readonly [string, readonly string[], string, RegExp])[] = [
  ['waiting reasons', WAITING_REASONS, 'docs/operating.md', /^\| (?!.*\/health)((?:`[a-z-]+`(?:, )?)+) \|/],
  ['health reasons', HEALTH_REASONS, 'docs/operating.md', /^\| `\/health` 503 ((?:`[a-z-]+`(?:, )?)+) \|/],
  ['stop reasons', STOP_REASONS, 'docs/operating.md', /^\| (`[a-z-]+`) \| [a-z]/],
  ['phases', PHASES, 'docs/cli.md', /^- `phase`: (.+)\.$/],
  ['kinds of engine', ENGINE_KINDS, 'docs/glossary.md', /^\| engine \| (.+) \|/],
];

describe('closed lists', () => {
  it.each(EXPLAINED)('%s are explained one by one', (_, words, page, line) => {
    const lines = readFileSync(join(ROOT, page), 'utf8').split('\n');
    const explained = lines.flatMap((text) => line.exec(text)?.[1]?.match(/(?<=`)[a-z-]+(?=`)/g) ?? []);
    expect(explained).toEqual(expect.arrayContaining([...words]));
  });

  it('the engines of the demo are all there are', () => {
    const flag = COMMANDS.find(({ name }) => name === 'demo')?.flags['engine'];
    expect(flag?.kind === 'choice' ? flag.choices.toSorted() : []).toEqual(ENGINE_KINDS.toSorted());
  });
});
