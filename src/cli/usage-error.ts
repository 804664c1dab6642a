import { nearest } from '../config/nearest.ts';
import { shown } from '../config/problem.ts';
import { CommandFailure, EXIT } from './io.ts';

/** @param page the command, or the first word of several, whose page helps; the overview unless given */
export function usage(message: string, page?: string): CommandFailure {
  const asked = page === undefined ? '' : ` ${page}`;
  return new CommandFailure(EXIT.usage, `${message}\ntry: runner-controller${asked} --help`);
}

/** A word of the line in an error: quoted where it is not plain, and never a secret. */
export function plain(word: string): string {
  return shown(word).replace(/^"([\w-]+)"$/, '$1');
}

/** The known name that was probably meant; nothing when none is near. */
export function perhaps(word: string, known: readonly string[]): string {
  const meant = nearest(word, known);
  return meant === null ? '' : `; perhaps ${meant}`;
}
