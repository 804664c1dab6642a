import type { Flags, Values, ValuesOf } from './flag.ts';
import type { Exit, Io } from './io.ts';

/** A word that a command takes besides its flags. */
export interface Operand {
  readonly name: string;
  readonly required: boolean;
  readonly says: string;
}

/** What a command does once its line is understood; its exit code is the result. */
type Action<F, O> = (io: Io, flags: F, operands: O) => Promise<number>;

interface About {
  /** One word, or two: `cleanup runners`. */
  readonly name: string;
  readonly summary: string;
  /** The exit codes that it ends with besides 0 and 2, and when; of those two, what is special to it. */
  readonly exits: Partial<Readonly<Record<Exit, string>>>;
  /** A line worth copying, without the program's name. */
  readonly example?: string;
}

/** All that is known of a command without its code: help, suggestions and pages are made from it. */
export interface Command extends About {
  readonly operands: readonly Operand[];
  readonly flags: Flags;
  /** Loads the code, which nothing else does. */
  readonly load: () => Promise<Action<Values, readonly string[]>>;
}

interface Typed<F extends Flags, O extends readonly Operand[]> extends About {
  readonly operands: O;
  readonly flags: F;
  readonly load: () => Promise<Action<ValuesOf<F>, OperandsOf<O>>>;
}

type OperandsOf<O extends readonly Operand[]> = {
  readonly [At in keyof O]: O[At] extends { readonly required: true } ? string : string | undefined;
};

/** A record whose function takes what the record says; a list of records need not know the types of each. */
export function command<const F extends Flags, const O extends readonly Operand[]>(
  record: Typed<F, O>,
): Command {
  return record as unknown as Command;
}
