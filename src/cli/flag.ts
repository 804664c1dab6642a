import { shown } from '../config/problem.ts';

/** Given or not. */
interface Switch {
  readonly kind: 'switch';
  readonly says: string;
}

interface Valued {
  /** What stands for the value in a synopsis. */
  readonly placeholder: string;
  readonly says: string;
  /** Another flag, without which this one means nothing. */
  readonly goesWith?: string;
  /** So common that no synopsis names it. */
  readonly common?: true;
}

interface Text extends Valued {
  readonly kind: 'text';
}

interface WholeNumber extends Valued {
  readonly kind: 'number';
  /** `whole seconds`, `a whole number`: what the bounds are counted in. */
  readonly unit: string;
  readonly least: number;
  readonly most: number;
  readonly default?: number;
}

interface Choice extends Valued {
  readonly kind: 'choice';
  readonly choices: readonly string[];
  readonly default?: string;
}

/** A flag as data: help, completion and pages read it, and the parser checks values by it. */
export type Flag = Switch | Text | WholeNumber | Choice;
export type Flags = Readonly<Record<string, Flag>>;

type Value = string | number | boolean | undefined;

/** The flags that a command is called with, by name. */
export type Values = Readonly<Record<string, Value>>;

type Read<F extends Flag> = F extends Switch
  ? boolean
  : F extends WholeNumber
    ? number
    : F extends Choice
      ? F['choices'][number]
      : string;

/** What a command with these flags is called with: a flag that was not given is false, its default, or undefined. */
export type ValuesOf<F extends Flags> = {
  readonly [Name in keyof F]: F[Name] extends Switch | { readonly default: string | number }
    ? Read<F[Name]>
    : Read<F[Name]> | undefined;
};

/** The value of a flag that was not given. */
export function absent(flag: Flag): Value {
  if (flag.kind === 'switch') return false;
  return 'default' in flag ? flag.default : undefined;
}

/** The value that this text means, or in words why it means none. */
export function readValue(
  name: string,
  flag: Exclude<Flag, Switch>,
  text: string,
): { readonly value: Value } | { readonly wrong: string } {
  switch (flag.kind) {
    case 'text':
      return { value: text };
    case 'number': {
      const { unit, least, most } = flag;
      const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
      if (value >= least && value <= most) return { value };
      return { wrong: `--${name} is ${shown(text)}; expected ${unit}, ${least} to ${most}` };
    }
    case 'choice':
      if (flag.choices.includes(text)) return { value: text };
      return { wrong: `--${name} is ${shown(text)}; expected one of ${flag.choices.join(', ')}` };
  }
}

/** A flag as a synopsis writes it. */
export function written(name: string, flag: Flag): string {
  return flag.kind === 'switch' ? `--${name}` : `--${name} ${flag.placeholder}`;
}

/** What a flag does, and what its value may be. */
export function explained(flag: Flag): string {
  if (flag.kind === 'switch') return flag.says;
  const notes = [
    ...(flag.kind === 'number' ? [`${flag.least} to ${flag.most}`] : []),
    ...(flag.kind === 'choice' ? [flag.choices.join(', ')] : []),
    ...('default' in flag ? [`${flag.default} unless given`] : []),
    ...(flag.goesWith === undefined ? [] : [`with --${flag.goesWith}`]),
  ];
  return notes.length === 0 ? flag.says : `${flag.says} (${notes.join('; ')})`;
}
