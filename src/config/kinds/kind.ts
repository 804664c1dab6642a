/**
 * Kinds of values: how one is read, how it is written again, and its JSON Schema, said once. A kind knows a value and
 * nothing of the setting that has it, nor of the file system. Start reading at `basic.ts`.
 */

/** What JSON can say. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** A value that was given, and where. Variables are always text; the file has JSON types. */
export interface GivenValue {
  readonly setting: string;
  readonly value: unknown;
  readonly from: 'variable' | 'file';
}

/** A parser's answer to a value that it refuses. `given` stands for the whole value in the message. */
export class Rejected {
  readonly expected: string;
  readonly given: string | null;

  constructor(expected: string, given: string | null = null) {
    this.expected = expected;
    this.given = given;
  }
}

export type Parse<T> = (given: GivenValue) => T | Rejected;

/** A JSON Schema, draft 2020-12. */
export type JsonSchema = Readonly<Record<string, Json>>;

export interface Kind<T> {
  readonly parse: Parse<T>;
  /** The value as the file has it; parsing that gives the value again. */
  print(value: T): Json;
  /** Of the file's form. It takes all that `parse` takes, and may take more. */
  readonly schema: JsonSchema;
  /** What there is to choose from, for people; nothing where the setting's meaning says it. */
  readonly range?: string;
}

/** The type of a kind's values. */
export type ValueOfKind<K> = K extends { readonly parse: Parse<infer T> } ? T : never;
