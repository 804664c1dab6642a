/** A promise of the contract's section 5 was broken; `told` says how, in one sentence. */
export function broken(promise: number, told: string): never {
  throw new Error(`promise ${promise}: ${told}`);
}
