import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';

import { OURS_ALONE } from '../command.ts';

/** systemd says so on the bus whenever a unit changes its state. */
const MATCH =
  "type='signal',path_namespace='/org/freedesktop/systemd1/unit'," +
  "interface='org.freedesktop.DBus.Properties',member='PropertiesChanged',arg0='org.freedesktop.systemd1.Unit'";
/** States of a unit whose main process is over. While containers start, units change in ways that call for no observation. */
const OVER = /"(?:exited|failed|dead|stop-post|final-[a-z]+)"/;
/** After a monitor that ended, and at most. */
const RETRY_MS = 1000;
const RETRY_MOST_MS = 60_000;
/** A line longer than this is none of ours. */
const MAX_LINE = 65_536;

/**
 * Calls back when a unit whose name begins so may be over: one long-lived `busctl monitor`. Only a hint: without
 * a bus, or between one monitor and the next, the next regular observation finds the change. Does not keep the event loop alive.
 */
export function watchUnits(prefix: string, onChange: () => void): Disposable {
  const wanted = `/unit/${escapeForBus(prefix)}`;
  let child: ChildProcess | null = null;
  let retry: NodeJS.Timeout | undefined;
  let wait = RETRY_MS;
  let closed = false;
  const open = (): void => {
    const monitor = spawn('busctl', ['monitor', '--json=short', '--match', MATCH], {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, ...OURS_ALONE },
    });
    child = monitor;
    monitor.unref();
    onLines(monitor, (line) => {
      wait = RETRY_MS;
      if (line.includes(wanted) && OVER.test(line)) onChange();
    });
    // An error (no such program) comes with no `close` of its own.
    monitor.once('error', () => again(monitor));
    monitor.once('close', () => again(monitor));
  };
  const again = (ended: ChildProcess): void => {
    if (closed || child !== ended) return;
    child = null;
    retry = setTimeout(open, wait).unref();
    wait = Math.min(wait * 2, RETRY_MOST_MS);
  };
  open();
  return {
    [Symbol.dispose]() {
      closed = true;
      clearTimeout(retry);
      child?.kill();
      child = null;
    },
  };
}

/** How systemd writes a unit's name as a bus path: all but letters and digits in hexadecimal. */
export function escapeForBus(name: string): string {
  return name.replaceAll(
    /[^A-Za-z0-9]/g,
    (character) => `_${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

function onLines(child: ChildProcess, onLine: (line: string) => void): void {
  let rest = '';
  child.stdout?.setEncoding('utf8');
  // The pipe, too, would keep the event loop alive.
  if (child.stdout !== null && 'unref' in child.stdout && typeof child.stdout.unref === 'function')
    child.stdout.unref();
  child.stdout?.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = (lines.pop() ?? '').slice(0, MAX_LINE);
    for (const line of lines) onLine(line);
  });
}
