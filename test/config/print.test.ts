import { expect, it } from 'vitest';

import { printConfig } from '../../src/config/print.ts';
import { SETTINGS } from '../../src/config/rows/rows.ts';
import { ALL_FEATURES, configOf, GOOD } from './support.ts';

const LIMITS = { cpuPercent: 50, memoryMaxBytes: 5, tasksMax: 9 };
const APP = {
  GITHUB_ORG: 'octo',
  GITHUB_APP_ID: '77',
  GITHUB_APP_INSTALLATION_ID: '2',
  GITHUB_APP_PRIVATE_KEY_FILE: '/key.pem',
};
const NSPAWN = { ...GOOD, ENGINE: 'nspawn', NSPAWN_ROOTFS: '/tree' };
const NIXOS = {
  ...GOOD,
  ENGINE: '',
  GITHUB_API_URL: 'http://ghe',
  SUBNETS: '192.168.9-11,192.168.3,192.168.5,192.168.1-2',
};

it.each<[says: string, env: Record<string, string>, file?: unknown]>([
  ['the defaults', GOOD],
  ['warnings', { ...GOOD, GITHUB_TOKEN_FILE: '/open-token', SUBNETS: '192.168.4' }],
  ['an organisation through an App', { ...APP, ENGINE: 'process', PROCESS_RUNNER: 'x' }],
  ['nspawn', NSPAWN],
  ['nixos-container with the default template', NIXOS],
  ['nixos-container with a system', { ...NIXOS, CONTAINER_SYSTEM: '/nix/store/system' }],
  [
    'several classes',
    { ...NIXOS, JOB_TIMEOUT: '77' },
    {
      containerSystem: '/nix/store/system',
      classes: [
        { name: 'a', labels: ['x'], limits: LIMITS, privateUsers: true, max: 2 },
        { name: 'b', labels: ['x', 'Y'], containerTemplate: '/a.nix', jobTimeout: 3 },
      ],
    },
  ],
])('%s, printed and read as a file, is the same configuration', (_, env, file) => {
  const config = configOf({ env, file, unsupported: ALL_FEATURES });
  const printed = printConfig(config);
  const again = configOf({ file: JSON.parse(printed), unsupported: ALL_FEATURES });
  // Warnings name the setting where it now stands: a key instead of a variable.
  expect({ ...again, warnings: [] }).toEqual({ ...config, warnings: [] });
  expect(again.warnings).toHaveLength(config.warnings.length);
  expect(printConfig(again)).toBe(printed);
});

it('prints whole seconds and ranges, in the order of the settings', () => {
  const printed = printConfig(configOf({ env: { ...GOOD, SUBNETS: '192.168.5-7,192.168.1' } }));
  const file = JSON.parse(printed) as Record<string, unknown>;
  expect(file).toMatchObject({
    scopes: [{ repo: 'o/r' }],
    pollInterval: 10,
    runnerStartupTimeout: 300,
    subnets: '192.168.5-7,192.168.1',
    classes: [{ name: 'default', max: 7, jobTimeout: 7200, limits: {}, privateUsers: false }],
  });
  const inOrder = Object.keys(SETTINGS).filter((key) => Object.hasOwn(file, key));
  expect(Object.keys(file)).toEqual(['scopes', ...inOrder, 'classes']);
  expect(printed).toMatch(/^\{\n {2}"scopes"[^]*\n\}\n$/);
});
