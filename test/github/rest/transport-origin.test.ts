import { expect, it } from 'vitest';

import { openScripted } from '../../support/scripted-server.ts';
import { clientOf, failureOf, never, openSimulator, quiet, readJobs, readRuns } from '../support.ts';

it('does not follow a redirect to another origin', async () => {
  await using other = await openScripted(({ url }) => quiet(url));
  await using server = await openScripted(({ url }) => ({
    status: 302,
    headers: { location: `${other.url}${url}` },
  }));
  const { github } = clientOf(server.url);
  const { code, message } = await failureOf(readRuns(github));
  expect(message).toContain(`leads to ${other.url}, where the token must not go`);
  expect(code).toBe('unexpected');
  expect(other.seen).toEqual([]);
});

it('does not follow a Link to another origin', async () => {
  await using other = await openScripted(({ url }) => quiet(url));
  await using server = await openScripted(({ url }) => ({
    ...quiet(url),
    headers: { link: `<${other.url}/repositories/1/actions/runs?page=2>; rel="next"` },
  }));
  const { github } = clientOf(server.url);
  const { code, message } = await failureOf(readRuns(github));
  expect(code).toBe('unexpected');
  expect(message).toContain(`its next page is at ${other.url}, where the token must not go`);
  expect(other.seen).toEqual([]);
});

it('reads a renamed repository on, and says what to write when a write meets the new name', async () => {
  await using simulator = await openSimulator();
  const { runId, jobId } = simulator.createJob({ labels: ['a'] });
  const { github } = clientOf(simulator.url);
  simulator.renameRepo('o/r', 'o/renamed');
  const { runs } = await readRuns(github);
  expect(runs).toMatchObject([{ id: runId, repository: 'o/renamed', scope: 'o/r' }]);
  expect((await readJobs(github, runId)).jobs).toMatchObject([{ id: jobId, scope: 'o/r' }]);
  const error = await failureOf(github.register({ scope: 'o/r', runnerName: 'x', labels: ['a'] }, never()));
  expect(error.code).toBe('refused');
  expect(error.message).toMatch(
    /o\/r was renamed or moved, and writes do not follow; configure its new name$/,
  );
});

it('does not follow redirects for ever', async () => {
  await using server = await openScripted(({ url }) => ({ status: 301, headers: { location: `${url}x` } }));
  const { github } = clientOf(server.url);
  const error = await failureOf(github.findRunner('o/r', 'x', never()));
  expect(error.code).toBe('unexpected');
  expect(error.message).toContain('redirected more than 5 times');
  expect(server.seen).toHaveLength(6);
});

it('notices pages that lead back to one another', async () => {
  await using server = await openScripted(({ url }) => ({
    ...quiet(url),
    headers: { link: `<${server.url}${url.replace(/&page=.*/, '')}&page=2>; rel="next"` },
  }));
  const { github } = clientOf(server.url);
  const { code, message } = await failureOf(readRuns(github));
  expect(code).toBe('unexpected');
  expect(message).toContain('its pages lead back to one another');
  expect(server.seen).toHaveLength(2);
});

it('gives up on a list with too many pages', async () => {
  await using server = await openScripted(({ url }) => ({
    ...quiet(url),
    headers: { link: `<${server.url}${url}x>; rel="next"` },
  }));
  const { github } = clientOf(server.url, {}, { maxPages: 3 });
  const error = await failureOf(github.findRunner('o/r', 'x', never()));
  expect(error.message).toContain('it has more than 3 pages');
  expect(server.seen).toHaveLength(3);
});
