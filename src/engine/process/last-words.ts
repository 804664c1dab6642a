import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

import { clean } from '../../core/text.ts';

/** How much of the end of the output is read, in bytes, and of that told, in lines and characters. */
const READ = 4_096;
const LINES = 3;
const TOLD = 200;
/** What may be a credential: nobody may learn one from a status page. */
const SECRET = /[\w+=-]{24,}/gu;

/**
 * The last lines that a command wrote, on one line, for people; empty when there are none. The file is a job's to replace:
 * no link is followed and no FIFO waited for.
 */
export function lastWords(path: string): string {
  const lines = stripVTControlCharacters(endOf(path))
    .split(/[\r\n]+/u)
    .map((line) => clean(line.replaceAll(SECRET, '…'), TOLD))
    .filter((line) => line !== '');
  const told = lines.slice(-LINES).join(' / ');
  return told.length > TOLD ? `…${told.slice(1 - TOLD)}` : told;
}

function endOf(path: string): string {
  try {
    const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stat = fstatSync(file);
      if (!stat.isFile()) return '';
      const bytes = Buffer.alloc(READ);
      const from = Math.max(0, stat.size - READ);
      const text = bytes.toString('utf8', 0, readSync(file, bytes, 0, READ, from));
      // The first line may be the rest of one.
      return from === 0 ? text : text.slice(text.indexOf('\n') + 1);
    } finally {
      closeSync(file);
    }
  } catch {
    // What it said is no more than a help to people.
    return '';
  }
}
