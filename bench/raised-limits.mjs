// The built controller with the client's own limits out of the way, so that a thousand jobs take minutes and not a
// quarter of an hour. Plain JavaScript: what is measured must not carry a compiler.
import { hostname } from 'node:os';

const dist = (path) => import(new URL(`../dist/${path}`, import.meta.url).href);
const { openApp } = await dist('app.js');
const { githubOptions } = await dist('app/github.js');
const { keepHeapSmall } = await dist('app/heap.js');
const { systemClock } = await dist('clock.js');
const { loadConfig } = await dist('config/config.js');
const { createGithub } = await dist('github/client.js');
const { createLogger, logWith } = await dist('telemetry/logger.js');

keepHeapSmall();
const host = { hostname: hostname(), arch: process.arch, uid: process.getuid(), stdoutIsTTY: false };
const config = loadConfig(undefined, process.env, host);
const log = logWith(createLogger(config.log));
const github = createGithub({
  ...githubOptions(config, systemClock, log),
  tuning: { writeBurst: 1_000, writesPerSecond: 1_000, pointsPerMinute: 1_000_000 },
});
const stopping = new AbortController();
process.on('SIGTERM', () => stopping.abort());
const app = await openApp(config, log, { github });
await app.run(stopping.signal);
await app[Symbol.asyncDispose]();
