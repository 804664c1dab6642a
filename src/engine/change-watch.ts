import { watchSignals } from './signals.ts';

/** Who wants to hear of changes, and the signal directories that are watched for them. */
export class ChangeWatch {
  readonly #listeners = new Set<() => void>();
  readonly #directories = new Map<string, Disposable>();

  get listening(): boolean {
    return this.#listeners.size > 0;
  }

  /** Watches the signals of a container, once; does nothing while nobody listens. */
  add(name: string, directory: string): void {
    if (this.#listeners.size === 0 || this.#directories.has(name)) return;
    this.#directories.set(
      name,
      watchSignals(directory, () => this.notify()),
    );
  }

  /** Ends the watches of all others: their containers are gone, and another of that name has a directory of its own. */
  keep(names: ReadonlySet<string>): void {
    for (const name of this.#directories.keys()) if (!names.has(name)) this.remove(name);
  }

  remove(name: string): void {
    this.#directories.get(name)?.[Symbol.dispose]();
    this.#directories.delete(name);
  }

  notify(): void {
    for (const listener of this.#listeners) listener();
  }

  /** Disposing it ends the calls; with the last listener all watches end. */
  listen(onChange: () => void): Disposable {
    const listener = (): void => onChange();
    this.#listeners.add(listener);
    return {
      [Symbol.dispose]: () => {
        this.#listeners.delete(listener);
        if (this.#listeners.size === 0) for (const name of this.#directories.keys()) this.remove(name);
      },
    };
  }
}
