import type { Log } from '../../telemetry/logger.ts';
import { run } from '../command.ts';

/** A call of systemd-notify takes no longer. */
const DEADLINE = 5_000;

/**
 * Tells systemd that the service is ready, and that it is alive for as long as it is. Node has no datagram sockets of
 * the Unix kind, so `systemd-notify` speaks for it (the unit says `NotifyAccess=all`). Without a socket: nothing.
 */
export async function notifySystemd(
  socket: string | undefined,
  watchdogUsec: string | undefined,
  service: { readonly alive: () => boolean; readonly log: Log },
): Promise<AsyncDisposable> {
  if (socket === undefined || socket === '') return { [Symbol.asyncDispose]: () => Promise.resolve() };
  const say = async (...words: string[]): Promise<void> => {
    try {
      const signal = AbortSignal.timeout(DEADLINE);
      await run(['systemd-notify', ...words], {
        deadlineMs: DEADLINE,
        env: { NOTIFY_SOCKET: socket },
        signal,
      });
    } catch (error) {
      service.log('warn', 'systemd could not be told', { err: error });
    }
  };
  await say('--ready');
  const period = Number(watchdogUsec) / 1000 / 3;
  const timer =
    period > 0
      ? setInterval(() => {
          if (service.alive()) void say('WATCHDOG=1');
        }, period)
      : undefined;
  return {
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer);
      await say('STOPPING=1');
    },
  };
}
