import { SharedDirectoryError, SocketInUseError } from '../http/control.ts';
import { ControllerIdError } from '../store/controller-id.ts';
import { LedgerError } from '../store/errors.ts';
import { StateLockedError } from '../store/lock.ts';
import { StartFailure } from './start-failure.ts';

/** A part's error as a `StartFailure`; anything else is a fault of the program, and is given back as it is. */
export function whyNotStarted(error: unknown): unknown {
  if (isSystemError(error) && error.code === 'EADDRINUSE') {
    return new StartFailure('unusable', `${error.message}; set HTTP_PORT to another port, or to 0 for any`);
  }
  if (error instanceof StateLockedError) return new StartFailure('locked', error.message);
  if (
    error instanceof LedgerError ||
    error instanceof ControllerIdError ||
    error instanceof SocketInUseError ||
    error instanceof SharedDirectoryError ||
    isSystemError(error)
  ) {
    return new StartFailure('unusable', error.message);
  }
  return error;
}

/** Node's errors of the operating system: a port in use, a directory that cannot be written. */
function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && 'code' in error;
}
