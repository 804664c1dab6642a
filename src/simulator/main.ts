import { parseArgs } from 'node:util';

import { buildSimulator } from './server.ts';
import { DEFAULT_TOKEN } from './simulated-github.ts';

const usage =
  'usage: main.js [--port N] [--host H] [--token T]… [--repo OWNER/NAME]… [--seed N] [--runner-url URL] [--theft]';

/** The simulated GitHub as a process: prints one JSON line with its URL, ends on SIGTERM or SIGINT. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      host: { type: 'string', default: '127.0.0.1' },
      token: { type: 'string', multiple: true },
      repo: { type: 'string', multiple: true },
      seed: { type: 'string', default: '1' },
      'runner-url': { type: 'string' },
      theft: { type: 'boolean', default: false },
    },
  });
  const port = Number(values.port);
  const seed = Number(values.seed);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new TypeError(`--port ${values.port} is no port`);
  if (!Number.isInteger(seed)) throw new TypeError(`--seed ${values.seed} is no whole number`);
  const runnerUrl = values['runner-url'];
  const github = buildSimulator({
    seed,
    repos: values.repo ?? ['o/r'],
    tokens: values.token?.map((token) => ({ token, login: DEFAULT_TOKEN.login })) ?? [DEFAULT_TOKEN],
    switches: { assign: values.theft ? 'theft' : 'random' },
    ...(runnerUrl === undefined ? {} : { runnerUrl }),
  });
  const ended = new Promise<void>((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
  const { url } = await github.listen(port, values.host);
  process.stdout.write(`${JSON.stringify({ url })}\n`);
  await ended;
  await github.close();
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}\n`);
  process.exitCode = 2;
}
