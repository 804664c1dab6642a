import { describe, expect, it } from 'vitest';

import { parseConfig } from '../../src/config/config.ts';
import { describeProblem } from '../../src/config/problem.ts';
import { variableOf } from '../../src/config/rows/row.ts';
import { SETTINGS } from '../../src/config/rows/rows.ts';
import { ALL_FEATURES, configOf, GOOD, HOST, PROBE, probeOf, problemsOf } from './support.ts';

const FILE = {
  scopes: [{ repo: 'o/r' }],
  githubTokenFile: '/token',
  engine: 'process',
  processRunner: 'job',
};
const TWO = [
  { name: 'small', labels: ['self-hosted', 'nix'] },
  { name: 'big', labels: ['self-hosted', 'nix', 'big'], max: 1, jobTimeout: 60 },
];

describe('the file', () => {
  it('says everything that the variables say', () => {
    const env = {
      ...GOOD,
      GITHUB_API_URL: 'https://ghe/api/v3',
      RUNNER_LABELS: 'a,b',
      SUBNETS: '192.168.1-9',
      STATE_DIR: '/s',
    };
    const numbers = {
      MAX_CONCURRENT: 4,
      POLL_INTERVAL: 5,
      JOB_TIMEOUT: 6,
      MIN_FREE_DISK: 7,
      HTTP_PORT: 8,
    };
    const said: Readonly<Record<string, unknown>> = { ...env, ...numbers };
    const keys = Object.keys(SETTINGS).filter((key) => variableOf(key) in said);
    const file = Object.fromEntries(keys.map((key) => [key, said[variableOf(key)]]));
    expect(keys).toHaveLength(Object.keys(said).length);
    const asText = Object.fromEntries(Object.entries(said).map(([name, value]) => [name, String(value)]));
    expect(configOf({ file })).toEqual(configOf({ env: asText }));
  });

  it('gives way to a variable, key by key', () => {
    const env = { MAX_CONCURRENT: '3', LOG_LEVEL: 'debug', PROCESS_RUNNER: 'other' };
    const config = configOf({ env, file: { ...FILE, maxConcurrent: 5, pollInterval: 7, logLevel: 'warn' } });
    expect(config).toMatchObject({ maxConcurrent: 3, pollInterval: 7000, logLevel: 'debug' });
    expect(config.engine).toEqual({ kind: 'process', command: 'other' });
  });

  it.each([{ scopes: [{ repo: 'x/y' }, { org: 'z' }] }, { githubRepo: 'x/y' }, { githubOrg: 'z' }])(
    'gives up %j when GITHUB_REPO is set',
    (scope) => {
      expect(configOf({ env: GOOD, file: scope }).scopes).toEqual([{ repo: 'o/r' }]);
    },
  );

  it('gives up its App when GITHUB_TOKEN_FILE is set, and its token file when an App is', () => {
    const app = { githubAppId: 5, githubAppInstallationId: 6, githubAppPrivateKeyFile: '/key.pem' };
    expect(configOf({ env: GOOD, file: app }).auth).toEqual({ kind: 'token', tokenFile: '/token' });
    const env = {
      GITHUB_APP_ID: '1',
      GITHUB_APP_INSTALLATION_ID: '2',
      GITHUB_APP_PRIVATE_KEY_FILE: '/key.pem',
    };
    expect(configOf({ env, file: FILE, unsupported: ALL_FEATURES }).auth).toMatchObject({
      kind: 'app',
      appId: '1',
    });
  });

  it('may watch several repositories', () => {
    const scopes = [{ repo: 'o/r' }, { repo: 'o/s' }];
    expect(configOf({ file: { ...FILE, scopes } }).scopes).toEqual(scopes);
  });
});

describe('classes', () => {
  it('take what they do not say from the rest', () => {
    const { classes } = configOf({
      env: { JOB_TIMEOUT: '90' },
      file: { ...FILE, maxConcurrent: 4, classes: TWO },
    });
    expect(classes).toMatchObject([
      { name: 'small', max: 4, jobTimeout: 90_000, limits: {}, privateUsers: false },
      { name: 'big', labels: ['self-hosted', 'nix', 'big'], max: 1, jobTimeout: 60_000 },
    ]);
  });

  it('give way to the variables when there is one', () => {
    const classes = [{ name: 'only', labels: ['a'], jobTimeout: 5, max: 2, containerSystem: '/nix/store/x' }];
    const env = { RUNNER_LABELS: 'b,c', JOB_TIMEOUT: '9', CONTAINER_SYSTEM: '/nix/store/y' };
    expect(configOf({ env, file: { ...FILE, classes } }).classes).toMatchObject([
      { name: 'only', labels: ['b', 'c'], jobTimeout: 9000, max: 2, containerSystem: '/nix/store/y' },
    ]);
  });

  it('set a general system aside with a template of their own', () => {
    const file = {
      ...FILE,
      engine: 'nixos-container',
      containerSystem: '/nix/store/system',
      classes: [TWO[0], { ...TWO[1], containerTemplate: '/a.nix' }],
    };
    expect(configOf({ file, unsupported: ALL_FEATURES }).classes).toMatchObject([
      { containerSystem: '/nix/store/system', containerTemplate: null },
      { containerSystem: null, containerTemplate: '/a.nix' },
    ]);
  });

  it('carry limits and a user namespace', () => {
    const limits = {
      cpuPercent: 400,
      memoryMaxBytes: 4096,
      memoryHighBytes: 4096,
      tasksMax: 512,
      ioWeight: 50,
    };
    const classes = [{ ...TWO[0], limits, privateUsers: 'pick' }];
    expect(configOf({ file: { ...FILE, classes } }).classes).toMatchObject([
      { limits, privateUsers: 'pick' },
    ]);
  });
});

describe('a bad file', () => {
  it.each<[says: string, change: Readonly<Record<string, unknown>>, problem: string]>([
    [
      'an unknown key',
      { polInterval: 5 },
      'polInterval: given an unknown key, expected perhaps pollInterval',
    ],
    ['a variable for a key', { HTTP_PORT: 5 }, 'HTTP_PORT: given an unknown key, expected perhaps httpPort'],
    [
      'an unknown key of a class',
      { classes: [{ ...TWO[0], label: [] }] },
      'classes[0].label: given an unknown key, expected perhaps labels',
    ],
    [
      'an unknown limit',
      { classes: [{ ...TWO[0], limits: { nofile: 1 } }] },
      'classes[0].limits.nofile: given an unknown key, expected one of cpuPercent, memoryMaxBytes, memoryHighBytes, tasksMax, ioWeight, memorySwapMaxBytes',
    ],
    [
      'an unknown key of a scope',
      { scopes: [{ repo: 'o/r', repos: 1 }] },
      'scopes[0].repos: given an unknown key, expected perhaps repo',
    ],
    ['a number as text', { httpPort: '80' }, 'httpPort: given "80", expected a whole number from 0 to 65535'],
    ['a fraction', { httpPort: 1.5 }, 'httpPort: given 1.5, expected a whole number from 0 to 65535'],
    [
      'a list for a text',
      { engine: [] },
      'engine: given an empty list, expected one of nixos-container, nspawn, process',
    ],
    ['an empty text', { stateDir: '' }, 'stateDir: given "", expected an absolute path'],
    [
      'no scopes',
      { scopes: [] },
      'scopes: given an empty list, expected a list such as [{"repo": "owner/repo"}]',
    ],
    ['a text for a scope', { scopes: ['o/r'] }, 'scopes[0]: given "o/r", expected {"repo": "owner/repo"}'],
    [
      'an empty scope',
      { scopes: [{}] },
      'scopes[0]: given neither repo nor org, expected {"repo": "owner/repo"} or {"org": "name"}',
    ],
    [
      'a bad repository',
      { scopes: [{ repo: 'o' }] },
      'scopes[0].repo: given "o", expected owner/repo, for example octo/widgets',
    ],
    [
      'a repository twice',
      { scopes: [{ repo: 'o/r' }, { repo: 'O/R' }] },
      'scopes[1]: given "O/R", expected each repository or organisation once',
    ],
    [
      'scopes and a repository',
      { githubRepo: 'o/r' },
      'githubRepo, scopes: given more than one of them, expected exactly one of GITHUB_REPO, GITHUB_ORG, or scopes in the file',
    ],
    ['no classes', { classes: [] }, 'classes: given an empty list, expected a list of at least one class'],
    [
      'a text for a class',
      { classes: ['a'] },
      'classes[0]: given "a", expected an object with name and labels',
    ],
    [
      'a class without a name',
      { classes: [{ labels: ['a'] }] },
      'classes[0].name: not set, expected a name for the class',
    ],
    [
      'a bad class name',
      { classes: [{ name: 'a b' }] },
      'classes[0].name: given "a b", expected a name of up to 32 letters, digits, - and _, for example default',
    ],
    [
      'a class without labels beside another',
      { classes: [TWO[0], { name: 'b' }] },
      'classes[1].labels: not set, expected a list of labels',
    ],
    [
      'a class name twice',
      { classes: [TWO[0], { ...TWO[1], name: 'Small' }] },
      'classes[1].name: given "Small", expected another name than classes[0]',
    ],
    [
      'no label',
      { classes: [{ name: 'a', labels: [] }] },
      'classes[0].labels: given an empty list, expected a list of labels',
    ],
    [
      'a number for a label',
      { classes: [{ name: 'a', labels: [5] }] },
      'classes[0].labels: given the label 5, expected labels that are text',
    ],
    [
      'a class maximum of none',
      { classes: [{ ...TWO[0], max: 0 }] },
      'classes[0].max: given 0, expected a whole number from 1 to 100',
    ],
    [
      'a soft limit above the hard one',
      { classes: [{ ...TWO[0], limits: { memoryMaxBytes: 1, memoryHighBytes: 2 } }] },
      'classes[0].limits.memoryHighBytes: given 2, expected at most memoryMaxBytes (1), or it never applies',
    ],
    [
      'a bad user namespace',
      { classes: [{ ...TWO[0], privateUsers: 'yes' }] },
      'classes[0].privateUsers: given "yes", expected true, false, "pick", "identity" or "UID" or "UID:COUNT"',
    ],
    [
      'general labels beside several classes',
      { runnerLabels: 'a', classes: TWO },
      'runnerLabels: given "a", expected labels within each of the 2 classes of the file',
    ],
    [
      'general labels beside those of the one class',
      { runnerLabels: 'a', classes: [TWO[0]] },
      'runnerLabels: given "a", expected labels either there or in classes[0].labels',
    ],
  ])('%s', (_, change, problem) => {
    // Classes without labels of their own fall to the same default, which is not what these rows are about.
    expect(problemsOf({ file: { ...FILE, ...change } })).toEqual([problem]);
  });

  it('takes two classes with the same labels: the second is where the first overflows', () => {
    const twins = [TWO[0], { name: 'b', labels: ['NIX', 'self-hosted'] }];
    expect(problemsOf({ file: { ...FILE, classes: twins } })).toEqual([]);
  });

  it('refuses RUNNER_LABELS beside several classes', () => {
    expect(problemsOf({ env: { RUNNER_LABELS: 'a,b' }, file: { ...FILE, classes: TWO } })).toEqual([
      'RUNNER_LABELS: given "a,b", expected labels within each of the 2 classes of the file',
    ]);
  });

  it('names a general template that is missing once, not once per class', () => {
    const file = { ...FILE, engine: 'nixos-container', containerTemplate: '/gone.nix', classes: TWO };
    expect(problemsOf({ file, unsupported: ALL_FEATURES })).toEqual([
      'containerTemplate: given "/gone.nix", expected the path of a container template, or set CONTAINER_SYSTEM: it does not exist',
    ]);
  });

  it.each([
    ['{\n  "engine": "process"\n  "logLevel"', 'it is not valid JSON at line 3, column 3'],
    ['ghp_secret', 'it is not valid JSON at line 1, column 1'],
    ['', 'it is not valid JSON at line 1, column 1'],
    ['{"engine": "pro\u0001cess"}', 'it is not valid JSON'],
    ['[]', 'it holds a list'],
    ['null', 'it holds null'],
    ['5', 'it holds a number'],
  ])('with the text %j is one problem, and what it might have said is not missed', (text, why) => {
    const parsed = parseConfig({ ...HOST, env: {}, file: { path: '/rc.json', setting: '--config', text } });
    expect('problems' in parsed && parsed.problems.map(describeProblem)).toEqual([
      `--config: given "/rc.json", expected a file that holds a JSON object: ${why}`,
    ]);
  });

  it.each([
    ['{"maxConcurrent": null}', 'maxConcurrent: given null, expected a value, or no such key'],
    [
      '{"classes": [{"name": "a", "labels": ["x"], "limits": {"tasksMax": null}}]}',
      'classes[0].limits.tasksMax: given null, expected a value, or no such key',
    ],
    [
      '{"maxConcurrent": 3,\n  "maxConcurrent": 4}',
      'maxConcurrent: given again in line 2, expected each key once',
    ],
    [
      '{"classes": [{"name": "a", "name": "b", "labels": ["x"]}]}',
      'classes[0].name: given again in line 1, expected each key once',
    ],
    [
      '{"max\\u0043oncurrent": 3, "maxConcurrent": 3}',
      'maxConcurrent: given again in line 1, expected each key once',
    ],
  ])('says what is wrong with %s, although JSON has no objection', (text, problem) => {
    const parsed = parseConfig({ ...HOST, env: GOOD, file: { path: '/rc.json', text } }, PROBE);
    expect('problems' in parsed && parsed.problems.map(describeProblem)).toEqual([problem]);
  });

  it.each([
    ['[', ']'],
    ['{"a":', '}'],
  ])('may be nested as deeply as it likes with %s, and is refused', (begin, end) => {
    const tooDeep =
      '--config: given "/rc.json", expected a file that holds a JSON object: it is nested too deeply';
    for (const depth of [10, 500, 1_000, 2_000, 3_000, 5_000, 20_000, 100_000]) {
      const text = `{"x": ${begin.repeat(depth)}0${end.repeat(depth)}}`;
      const parsed = parseConfig({ ...HOST, env: GOOD, file: { path: '/rc.json', text } }, PROBE);
      const said = 'problems' in parsed ? parsed.problems.map(describeProblem) : [];
      expect([tooDeep, expect.stringMatching(/^x: given an unknown key/)]).toContainEqual(said[0]);
    }
  });

  it('that is unreadable is not blamed on a default template it may have replaced', () => {
    const env = { ENGINE: 'nixos-container' };
    const file = { path: '/rc.json', unreadable: 'it does not exist' };
    const parsed = parseConfig({ ...HOST, env, file }, probeOf({}), ALL_FEATURES);
    expect('problems' in parsed && parsed.problems.map(describeProblem)).toEqual([
      '--config: given "/rc.json", expected a readable JSON file: it does not exist',
    ]);
  });
});
