import type { Reporter, TestModule } from 'vitest/node';

/** The project whose core is not broken: what fails there kills no mutant. */
export const SOUND = 'sound';

/** How the names of the simulation's tests begin. */
const SIMULATION = 'any history';

/** Which tests failed, by project. */
export type Kills = ReadonlyMap<string, readonly string[]>;

/** The table, and whether every mutant is dead and the sound core alive. */
export function verdict(names: readonly string[], kills: Kills): { lines: readonly string[]; ok: boolean } {
  const lines: string[] = [];
  const width = Math.max(...names.map((name) => name.length));
  const sound = kills.get(SOUND) ?? [];
  let survivors = 0;
  for (const name of names) {
    const by = (kills.get(name) ?? []).filter((test) => !sound.includes(test));
    const tables = by.filter((test) => !test.startsWith(SIMULATION));
    if (by.length === 0) survivors += 1;
    const words = [
      ...(tables.length > 0 ? [`${tables.length} in tables: ${tables[0]}`] : []),
      ...(by.length > tables.length ? ['the simulation'] : []),
    ];
    lines.push(
      `mutant ${name.padEnd(width)}  ${by.length === 0 ? 'SURVIVED' : `killed by ${words.join('; ')}`}`,
    );
  }
  lines.push(`${names.length} mutants, ${names.length - survivors} killed, ${survivors} survived`);
  if (sound.length > 0) lines.push(`the core that is not broken fails too: ${sound.join('; ')}`);
  return { lines, ok: survivors === 0 && sound.length === 0 };
}

/** Prints who killed whom, and turns the exit code round: here a failed test is what is wanted. */
export class MutantReport implements Reporter {
  readonly #names: readonly string[];
  readonly #kills = new Map<string, string[]>();
  readonly #ran = new Set<string>();
  readonly #troubles: string[] = [];

  constructor(names: readonly string[]) {
    this.#names = names;
  }

  onTestModuleEnd(module: TestModule): void {
    const project = module.project.name;
    this.#ran.add(project);
    const kills = this.#kills.get(project) ?? [];
    this.#kills.set(project, kills);
    for (const test of module.children.allTests('failed')) kills.push(test.fullName);
    // A file that does not load is no test that failed: the mutant is not a program.
    for (const error of module.errors()) this.#troubles.push(`${project}: ${error.message}`);
  }

  onTestRunEnd(): void {
    const { lines, ok } = verdict(this.#names, this.#kills);
    const missing = [SOUND, ...this.#names].filter((name) => !this.#ran.has(name));
    const more = [...this.#troubles, ...missing.map((name) => `${name}: its tests did not run`)];
    process.stdout.write(`${[...lines, ...more].join('\n')}\n`);
    // The runner has its own idea of the exit code, and sets it after this.
    process.once('exit', () => {
      process.exitCode = ok && more.length === 0 ? 0 : 1;
    });
  }
}
