/**
 * What keeps the program from its work, by no fault of its own; the message says what to do about it.
 * `locked`: another instance holds the state directory. `unusable`: something on this host has to be put right first.
 */
export class StartFailure extends Error {
  override readonly name = 'StartFailure';
  readonly kind: 'locked' | 'unusable';

  constructor(kind: 'locked' | 'unusable', message: string) {
    super(message);
    this.kind = kind;
  }
}
