export type Environment = Readonly<Record<string, string | undefined>>;

/** An environment variable; an empty one is unset. */
export function readVariable(env: Environment, name: string): string | undefined {
  const value = Object.hasOwn(env, name) ? env[name] : undefined;
  return value === '' ? undefined : value;
}

/** What the parser must know of the process and its machine. `arch` is Node's name for it. */
export interface Host {
  readonly hostname: string;
  readonly arch: string;
  readonly uid: number;
  readonly stdoutIsTTY: boolean;
}
