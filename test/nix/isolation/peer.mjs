#!/usr/bin/env node
// peer.mjs listen PORT…: accepts on every address, says "ready" once. peer.mjs probe NAME ADDRESS:PORT…: prints which accept.
import { connect, createServer } from 'node:net';

/** A packet that is dropped is not answered. Long enough for the kernel to repeat one that got lost while links came up. */
const PATIENCE_MS = 2500;
const [mode, ...rest] = process.argv.slice(2);

function accepts(target) {
  const at = target.lastIndexOf(':');
  const host = target.slice(0, at).replaceAll(/[[\]]/gu, '');
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(target.slice(at + 1)), timeout: PATIENCE_MS });
    const end = (result) => {
      socket.destroy();
      resolve(result);
    };
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
  });
}

if (mode === 'listen') {
  await Promise.all(
    rest.map(
      (port) =>
        new Promise((resolve) => createServer((socket) => socket.end()).listen(Number(port), '::', resolve)),
    ),
  );
  process.stdout.write('ready\n');
} else {
  const [name, ...targets] = rest;
  const results = await Promise.all(targets.map(accepts));
  for (const [index, target] of targets.entries()) {
    process.stdout.write(`${name} ${target} ${results[index] ? 'open' : 'closed'}\n`);
  }
}
