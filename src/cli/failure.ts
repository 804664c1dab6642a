import { SharedDirectoryError, SocketInUseError } from '../http/control.ts';
import { ControllerIdError } from '../store/controller-id.ts';
import { LedgerError } from '../store/errors.ts';
import { StateLockedError } from '../store/lock.ts';
import { CommandFailure, EXIT } from './io.ts';

/** What keeps a controller from starting, as a message and an exit code; anything else is a fault of the program. */
export function startFailure(error: unknown): unknown {
  if (isSystemError(error) && error.code === 'EADDRINUSE') {
    return new CommandFailure(
      EXIT.failed,
      `${error.message}; set HTTP_PORT to another port, or to 0 for any`,
    );
  }
  if (error instanceof StateLockedError) return new CommandFailure(EXIT.locked, error.message);
  if (
    error instanceof LedgerError ||
    error instanceof ControllerIdError ||
    error instanceof SocketInUseError ||
    error instanceof SharedDirectoryError ||
    isSystemError(error)
  ) {
    return new CommandFailure(EXIT.failed, error.message);
  }
  return error;
}

/** Node's errors of the operating system: a port in use, a directory that cannot be written. */
function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && 'code' in error;
}
