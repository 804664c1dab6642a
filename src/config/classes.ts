import { parseLimits, parsePrivateUsers } from './class-values.ts';
import { keyOf } from './env.ts';
import { isObject } from './file.ts';
import type { ClassConfig, EngineConfig } from './model.ts';
import type { Probe } from './probe.ts';
import { shown } from './problem.ts';
import type { GivenValue, Parse, Settings } from './settings.ts';
import { member, Rejected } from './settings.ts';
import { absolutePath, labels, seconds, text, wholeNumber } from './values.ts';

const CLASS_KEYS = [
  'name',
  'labels',
  'max',
  'jobTimeout',
  'containerSystem',
  'containerTemplate',
  'limits',
  'privateUsers',
] as const;
const DEFAULT_TEMPLATE = '/etc/nixos/ci-container-template.nix';
const TEMPLATE = 'a container template, or set CONTAINER_SYSTEM';
const MAX_TIMEOUT = 604_800;

const className = text(
  /^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/,
  'a name of up to 32 letters, digits, - and _, for example default',
);

/** What the rest of the configuration says about every class. */
export interface ClassDefaults {
  readonly labels: readonly string[];
  readonly maxConcurrent: number;
  readonly jobTimeoutMs: number;
  /** Null when the engine is not known; then no template is checked. */
  readonly engine: EngineConfig['kind'] | null;
}

/**
 * With one class a variable overrides what the file says about that class. With several, the file's words about a class
 * override the variables, which are the defaults of the other classes.
 */
export function parseClasses(
  settings: Settings,
  defaults: ClassDefaults,
  probe: Probe,
): readonly ClassConfig[] {
  const list = settings.key('classes');
  const general = settings.pick('RUNNER_LABELS');
  if (list === undefined) return [parseClass(settings, { name: 'default' }, '', true, defaults, probe)];
  if (!Array.isArray(list.value) || list.value.length === 0) {
    settings.reject(list, new Rejected('a list of at least one class'));
    return [];
  }
  const entries = list.value as readonly unknown[];
  if (general !== undefined && entries.length > 1) {
    settings.reject(general, new Rejected(`labels within each of the ${entries.length} classes of the file`));
  }
  const classes = entries.map((entry, index) => {
    const path = `classes[${index}]`;
    if (isObject(entry)) return parseClass(settings, entry, path, entries.length === 1, defaults, probe);
    settings.reject(
      { setting: path, value: entry, from: 'file' },
      new Rejected('an object with name and labels'),
    );
    return null;
  });
  rejectTwins(settings, classes);
  return classes.filter((parsed) => parsed !== null);
}

function parseClass(
  settings: Settings,
  entry: Readonly<Record<string, unknown>>,
  path: string,
  only: boolean,
  defaults: ClassDefaults,
  probe: Probe,
): ClassConfig {
  settings.rejectUnknownMembers(entry, CLASS_KEYS, `${path}.`);
  const own = (key: (typeof CLASS_KEYS)[number]): GivenValue | undefined =>
    member(entry, key, `${path}.${key}`);
  const variable = (name: 'RUNNER_LABELS' | 'JOB_TIMEOUT'): GivenValue | undefined =>
    only ? settings.variable(name) : undefined;
  if (own('name') === undefined) settings.missing(`${path}.name`, 'a name for the class');
  if (own('labels') === undefined && !only) settings.missing(`${path}.labels`, 'a list of labels');
  const general = only ? settings.key(keyOf('RUNNER_LABELS')) : undefined;
  if (general !== undefined && own('labels') !== undefined) {
    settings.reject(general, new Rejected(`labels either there or in ${path}.labels`));
  }
  return {
    name: settings.parse(own('name'), className, ''),
    labels: settings.parse(variable('RUNNER_LABELS') ?? own('labels') ?? general, labels, defaults.labels),
    max: settings.parse(own('max'), wholeNumber(1, 100), defaults.maxConcurrent),
    jobTimeoutMs: settings.parse(
      variable('JOB_TIMEOUT') ?? own('jobTimeout'),
      seconds(1, MAX_TIMEOUT),
      defaults.jobTimeoutMs,
    ),
    ...parseContainer(settings, own, only, defaults.engine, probe),
    limits: parseLimits(settings, own('limits'), `${path}.limits`),
    privateUsers: settings.parse(own('privateUsers'), parsePrivateUsers, false),
  };
}

/** The container of a class. A template of its own overrides a system that is set for all classes. */
function parseContainer(
  settings: Settings,
  own: (key: 'containerSystem' | 'containerTemplate') => GivenValue | undefined,
  only: boolean,
  engine: ClassDefaults['engine'],
  probe: Probe,
): Pick<ClassConfig, 'containerSystem' | 'containerTemplate'> {
  const ownTemplate = own('containerTemplate');
  const system =
    (only ? settings.variable('CONTAINER_SYSTEM') : undefined) ??
    own('containerSystem') ??
    (ownTemplate === undefined ? settings.pick('CONTAINER_SYSTEM') : undefined);
  const template =
    (only ? settings.variable('CONTAINER_TEMPLATE') : undefined) ??
    ownTemplate ??
    settings.pick('CONTAINER_TEMPLATE');
  const used = engine === 'nixos-container';
  const containerSystem = settings.parse(
    system,
    existing(probe, used, 'any', 'a prebuilt container system'),
    null,
  );
  const built = used && system === undefined;
  const parseTemplate = existing(probe, built, 'file', TEMPLATE);
  if (template !== undefined) {
    return { containerSystem, containerTemplate: settings.parse(template, parseTemplate, null) };
  }
  if (!built) return { containerSystem, containerTemplate: null };
  const fault = probe.missing(DEFAULT_TEMPLATE, 'file');
  if (fault !== null && !settings.fileBroken) {
    settings.report({
      setting: 'CONTAINER_TEMPLATE',
      given: `${shown(DEFAULT_TEMPLATE)} (the default)`,
      expected: `the path of ${TEMPLATE}: ${fault}`,
    });
  }
  return { containerSystem, containerTemplate: DEFAULT_TEMPLATE };
}

function existing(probe: Probe, check: boolean, kind: 'any' | 'file', what: string): Parse<string> {
  return (given) => {
    const path = absolutePath(`the absolute path of ${what}`)(given);
    if (path instanceof Rejected || !check) return path;
    const fault = probe.missing(path, kind);
    return fault === null ? path : new Rejected(`the path of ${what}: ${fault}`);
  };
}

/** Rejects two classes of one name, which could not be told apart. Equal labels are allowed, as an overflow class. */
function rejectTwins(settings: Settings, classes: readonly (ClassConfig | null)[]): void {
  const names = new Map<string, string>();
  for (const [index, parsed] of classes.entries()) {
    if (parsed === null || parsed.name === '') continue;
    const path = `classes[${index}]`;
    const name = parsed.name.toLowerCase();
    const before = names.get(name);
    if (before !== undefined) {
      const given = shown(parsed.name);
      settings.report({ setting: `${path}.name`, given, expected: `another name than ${before}` });
    }
    names.set(name, path);
  }
}
