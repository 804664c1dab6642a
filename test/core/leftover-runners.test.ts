import { describe, expect, it } from 'vitest';

import { leftoverRunners } from '../../src/core/leftover-runners.ts';
import type { Instance } from '../../src/core/model.ts';
import type { Container, Runner } from '../../src/core/observation.ts';
import { container, CONTROLLER_ID, instance, runner, runnerOf, SCOPE } from '../support/builders.ts';

interface Row {
  readonly title: string;
  readonly runner: Runner;
  readonly instances?: readonly Instance[];
  readonly containers?: readonly Container[];
  readonly left: boolean;
}

const NAME = 'j1';
const OFFLINE = runner(NAME, { online: false });
const MARK = {
  className: 'default',
  scope: SCOPE,
  runnerName: runnerOf(NAME),
  subnet: 100,
  forJob: 1,
  forAttempt: 1,
};

describe('leftoverRunners', () => {
  it.each<Row>([
    { title: 'ours, offline, and nothing needs it', runner: OFFLINE, left: true },
    { title: 'ours and online', runner: runner(NAME, { online: true }), left: false },
    { title: 'ours and promised', runner: OFFLINE, instances: [instance(NAME)], left: false },
    {
      title: "ours and in a container's mark",
      runner: OFFLINE,
      containers: [container(NAME, { mark: MARK })],
      left: false,
    },
    {
      title: 'ours, and a container without a mark has its name',
      runner: OFFLINE,
      containers: [container(NAME, { mark: null })],
      left: true,
    },
    {
      title: "another controller's",
      runner: runner(NAME, { online: false, name: 'test-j1-0000zzzz' }),
      left: false,
    },
    { title: "somebody's", runner: runner(NAME, { online: false, name: 'build-box' }), left: false },
  ])('$title', ({ runner, instances = [], containers = [], left }) => {
    const found = leftoverRunners(CONTROLLER_ID, instances, containers, [runner]);
    expect(found).toEqual(left ? [runner] : []);
  });
});
