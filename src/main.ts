#!/usr/bin/env node
import { main } from './cli/index.ts';
import { processIo } from './cli/io.ts';

const stopping = new AbortController();
for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => stopping.abort());
process.exitCode = await main(process.argv.slice(2), processIo(stopping));
