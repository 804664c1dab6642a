/** One way to break the program: a text of one of its files, and what stands there instead. */
export interface Mutant {
  /** The mistake, as a sentence. */
  readonly name: string;
  /** Below `src`. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}
