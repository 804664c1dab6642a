import type { ContainerLimits } from '../core/policy.ts';
import { isObject } from './file.ts';
import type { GivenValue, Parse } from './kinds/kind.ts';
import { Rejected } from './kinds/kind.ts';
import type { ClassConfig, EngineConfig } from './model.ts';
import type { Probe } from './probe.ts';
import { shown } from './problem.ts';
import { CLASS_SETTINGS, DEFAULT_TEMPLATE, LIMIT_SETTINGS } from './rows/class-rows.ts';
import { CLASS_DEFAULTS } from './rows/rows.ts';
import type { Settings } from './settings.ts';
import { member } from './settings.ts';

const TEMPLATE = 'a container template, or set CONTAINER_SYSTEM';

/** What the rest of the configuration says about every class. */
export interface ClassDefaults {
  readonly max: number;
  readonly jobTimeout: number;
  /** Null when the engine is not known; then no template is checked. */
  readonly engine: EngineConfig['kind'] | null;
}

type ClassKey = keyof typeof CLASS_SETTINGS;

/** Variables that speak of a class when there is only one. */
const VARIABLE = {
  labels: 'runnerLabels',
  jobTimeout: 'jobTimeout',
  containerSystem: 'containerSystem',
  containerTemplate: 'containerTemplate',
} as const satisfies Partial<Record<ClassKey, string>>;

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
  const general = settings.pick('runnerLabels');
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
  settings.rejectUnknownMembers(entry, [...Object.keys(CLASS_SETTINGS), 'limits'], `${path}.`);
  const own = (key: ClassKey | 'limits'): GivenValue | undefined => member(entry, key, `${path}.${key}`);
  if (own('name') === undefined) settings.missing(`${path}.name`, 'a name for the class');
  if (own('labels') === undefined && !only) settings.missing(`${path}.labels`, 'a list of labels');
  const general = only ? settings.key('runnerLabels') : undefined;
  if (general !== undefined && own('labels') !== undefined) {
    settings.reject(general, new Rejected(`labels either there or in ${path}.labels`));
  }
  const find = (key: ClassKey): GivenValue | undefined => {
    const variable =
      only && key in VARIABLE ? settings.variable(VARIABLE[key as keyof typeof VARIABLE]) : undefined;
    return variable ?? own(key) ?? generalOf(settings, key, own, only);
  };
  const { runnerLabels } = settings.read({ runnerLabels: CLASS_DEFAULTS.runnerLabels }, () => undefined);
  const values = settings.read(CLASS_SETTINGS, find, {
    name: '',
    labels: runnerLabels,
    max: defaults.max,
    jobTimeout: defaults.jobTimeout,
  });
  return {
    ...values,
    ...container(settings, values, find, defaults.engine, probe),
    limits: parseLimits(settings, own('limits'), `${path}.limits`),
  };
}

/** What is said of all classes. A template of a class's own goes before a system that is set for all. */
function generalOf(
  settings: Settings,
  key: ClassKey,
  own: (key: ClassKey) => GivenValue | undefined,
  only: boolean,
): GivenValue | undefined {
  if (key === 'labels') return only ? settings.key('runnerLabels') : undefined;
  if (key === 'containerTemplate') return settings.pick(key);
  return key === 'containerSystem' && own('containerTemplate') === undefined ? settings.pick(key) : undefined;
}

/** What a class's containers boot must be there, if the engine uses it. */
function container(
  settings: Settings,
  { containerSystem, containerTemplate }: Pick<ClassConfig, 'containerSystem' | 'containerTemplate'>,
  find: (key: 'containerSystem' | 'containerTemplate') => GivenValue | undefined,
  engine: ClassDefaults['engine'],
  probe: Probe,
): Pick<ClassConfig, 'containerSystem' | 'containerTemplate'> {
  const built = find('containerSystem') === undefined;
  const used = engine === 'nixos-container';
  if (!used) return { containerSystem, containerTemplate };
  if (containerSystem !== null)
    settings.parse(
      find('containerSystem'),
      existing(probe, containerSystem, 'any', 'a prebuilt container system'),
      null,
    );
  if (!built) return { containerSystem, containerTemplate };
  if (containerTemplate !== null) {
    settings.parse(find('containerTemplate'), existing(probe, containerTemplate, 'file', TEMPLATE), null);
    return { containerSystem, containerTemplate };
  }
  const fault = find('containerTemplate') === undefined ? probe.missing(DEFAULT_TEMPLATE, 'file') : null;
  if (fault !== null && !settings.fileBroken) {
    settings.report({
      setting: 'CONTAINER_TEMPLATE',
      given: `${shown(DEFAULT_TEMPLATE)} (the default)`,
      expected: `the path of ${TEMPLATE}: ${fault}`,
    });
  }
  return { containerSystem, containerTemplate: DEFAULT_TEMPLATE };
}

function existing(probe: Probe, path: string, kind: 'any' | 'file', what: string): Parse<string> {
  return () => {
    const fault = probe.missing(path, kind);
    return fault === null ? path : new Rejected(`the path of ${what}: ${fault}`);
  };
}

/** A class's limits; what is not there is the engine's default. */
function parseLimits(settings: Settings, given: GivenValue | undefined, path: string): ContainerLimits {
  if (given === undefined) return {};
  const { value } = given;
  const keys = Object.keys(LIMIT_SETTINGS);
  if (!isObject(value)) {
    settings.reject(given, new Rejected(`an object with any of ${keys.join(', ')}`));
    return {};
  }
  settings.rejectUnknownMembers(value, keys, `${path}.`);
  const found = settings.read(LIMIT_SETTINGS, (key) => member(value, key, `${path}.${key}`));
  const { memoryHighBytes: high, memoryMaxBytes: max } = found;
  if (high !== null && max !== null && high > max) {
    const expected = `at most memoryMaxBytes (${max}), or it never applies`;
    settings.report({ setting: `${path}.memoryHighBytes`, given: shown(high), expected });
  }
  return Object.fromEntries(Object.entries(found).filter(([, limit]) => limit !== null));
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
