#!/usr/bin/env node
const stopping = new AbortController();
// Before anything else is loaded: a signal that comes meanwhile ends the program in order too.
for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => stopping.abort());

const { main } = await import('./cli/index.ts');
const { processIo } = await import('./cli/io.ts');
process.exitCode = await main(process.argv.slice(2), processIo(stopping));
