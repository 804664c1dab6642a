import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

import { PHASES, STOP_REASONS } from '../../src/core/model.ts';
import { WAITING_REASONS } from '../../src/core/policy.ts';
import { ENGINE_KINDS } from '../../src/core/ports.ts';
import { HEALTH_REASONS } from '../../src/core/view.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** Where each closed list is explained: in which part of which page, and what a line that explains its words begins with. */
const EXPLAINED: readonly (readonly [string, readonly string[], page: string, after: string, RegExp])[] = [
  [
    'waiting reasons',
    WAITING_REASONS,
    'docs/operating.md',
    '# Operating, by symptom',
    /^\| (?!.*\/health)((?:`[a-z-]+`(?:, )?)+) \|/,
  ],
  [
    'health reasons',
    HEALTH_REASONS,
    'docs/operating.md',
    '# Operating, by symptom',
    /^\| `\/health` 503 ((?:`[a-z-]+`(?:, )?)+) \|/,
  ],
  ['stop reasons', STOP_REASONS, 'docs/operating.md', '## Why a container ended', /^\| (`[a-z-]+`) \|/],
  ['phases', PHASES, 'docs/cli.md', '## status', /^- `phase`: (.+)\.$/],
  ['kinds of engine', ENGINE_KINDS, 'docs/glossary.md', '## On the host', /^\| engine \| (.+) \|/],
];

/** The lines of one part of a page, up to the next heading. */
function partOf(page: string, heading: string): readonly string[] {
  const lines = readFileSync(join(ROOT, page), 'utf8').split('\n');
  const begin = lines.indexOf(heading);
  const end = lines.findIndex((line, at) => at > begin && line.startsWith('#'));
  return lines.slice(begin, end < 0 ? undefined : end);
}

describe('closed lists', () => {
  it.each(EXPLAINED)('%s are explained one by one, and no others', (_, words, page, after, line) => {
    const explained = partOf(page, after).flatMap(
      (text) => line.exec(text)?.[1]?.match(/(?<=`)[a-z-]+(?=`)/g) ?? [],
    );
    expect(explained.toSorted()).toEqual(words.toSorted());
  });
});
