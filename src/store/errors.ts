/** `corrupt`: not a ledger. `newer`: from a newer version. `unreadable`: the system refused to read it. */
export type LedgerErrorCode = 'corrupt' | 'newer' | 'unreadable';

const WHAT_TO_DO: Record<LedgerErrorCode, string> = {
  corrupt:
    'It was left as it is. Restore it from a backup; or move it away and start anew: containers that it promised are ' +
    'recognised by their marks, but what it knew of their jobs is lost (to begin with none, run "cleanup containers" first)',
  newer:
    'It was left as it is. Run the version that wrote it; or drain with that version, or run "cleanup containers", ' +
    'and then move the file away',
  unreadable: 'Check its owner and mode, and the disk',
};

/** The ledger file cannot be used. It is then never overwritten. */
export class LedgerError extends Error {
  override readonly name = 'LedgerError';
  readonly code: LedgerErrorCode;

  constructor(code: LedgerErrorCode, path: string, why: string, cause?: unknown) {
    super(
      `The ledger ${path} cannot be used: ${why}. ${WHAT_TO_DO[code]}.`,
      cause === undefined ? undefined : { cause },
    );
    this.code = code;
  }
}
