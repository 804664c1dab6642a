import type { Mutant } from './mutant.ts';

/** What a tired engineer might get wrong on the way to the disk. */
export const STORE: readonly Mutant[] = [
  {
    name: 'the bytes of a file are not synced',
    file: 'store/files.ts',
    from: `  await file.sync();
`,
    to: '',
  },
  {
    name: 'a new name in a directory is not synced',
    file: 'store/files.ts',
    from: `  await syncDirectory(dirname(path));
`,
    to: '',
  },
  {
    name: 'the directory is synced before the new name is in it',
    file: 'store/files.ts',
    from: `  await rename(aside(path), path);
  await syncDirectory(dirname(path));`,
    to: `  await syncDirectory(dirname(path));
  await rename(aside(path), path);`,
  },
  {
    name: 'a state is written in its place',
    file: 'store/files.ts',
    from: `  await writeDurably(aside(path), text);
  await rename(aside(path), path);`,
    to: '  await writeDurably(path, text);',
  },
  {
    name: "a directory's sync does nothing",
    file: 'store/files.ts',
    from: `  await directory.sync();
`,
    to: '',
  },
  {
    name: 'files can be read by everybody',
    file: 'store/files.ts',
    from: "'wx', 0o600",
    to: "'wx', 0o644",
  },
  {
    name: 'a leftover of a crash stops every save',
    file: 'store/files.ts',
    from: `  await rm(path, { force: true });
`,
    to: '',
  },
  {
    name: 'a state that cannot be read again is saved',
    file: 'store/ledger.ts',
    from: "if ('why' in checked) throw new TypeError(`This state cannot be saved: ${checked.why}`);",
    to: '',
  },
  {
    name: 'a failed write counts as what is on disk',
    file: 'store/ledger.ts',
    from: `    await replaceDurably(this.#path, JSON.stringify(file));
    this.#saved = saved;`,
    to: `    this.#saved = saved;
    await replaceDurably(this.#path, JSON.stringify(file));`,
  },
  {
    name: 'one failed write is the last',
    file: 'store/ledger.ts',
    from: 'this.#tail = write.catch(() => undefined);',
    to: 'this.#tail = write;',
  },
  {
    name: 'a save that comes while another is written is lost',
    file: 'store/ledger.ts',
    from: `      this.#next = null;
`,
    to: '',
  },
  {
    name: 'each save writes what was newest when it was asked for',
    file: 'store/ledger.ts',
    from: `this.#newest = state;
    this.#next`,
    to: 'this.#next',
  },
  {
    name: 'two writes overlap',
    file: 'store/ledger.ts',
    from: 'this.#next ??= this.#enqueue();',
    to: 'this.#next = this.#enqueue();',
  },
  {
    name: 'the count of writes begins anew at a restart',
    file: 'store/ledger.ts',
    from: 'return new Ledger(path, clock, saved);',
    to: 'return new Ledger(path, clock, { ...saved, generation: 0 });',
  },
  {
    name: 'a ledger that cannot be read is an empty one',
    file: 'store/ledger.ts',
    from: "throw new LedgerError('unreadable', path, 'reading it failed', error);",
    to: 'return { generation: 0, clock: now, state: EMPTY_STATE };',
  },
  {
    name: 'what a crash left aside stays',
    file: 'store/ledger.ts',
    from: `  await rm(aside(path), { force: true });
`,
    to: '',
  },
  {
    name: 'those who only read make the directory',
    file: 'store/ledger.ts',
    from: '  return (await readSaved(pathOf(stateDir), instantOf(clock))).state;',
    to: `  await mkdir(stateDir, { recursive: true });
  return (await readSaved(pathOf(stateDir), instantOf(clock))).state;`,
  },
  {
    name: 'a newer ledger is read as if it were ours',
    file: 'store/migrate.ts',
    from: 'if (version > current) {',
    to: 'if (version > current + 1) {',
  },
  {
    name: 'the last step of a migration is left out',
    file: 'store/migrate.ts',
    from: 'while (version < current) {',
    to: 'while (version < current - 1) {',
  },
  {
    name: 'an unknown key of the ledger is dropped',
    file: 'store/schema.ts',
    from: 'const ledgerFile = z.strictObject({',
    to: 'const ledgerFile = z.object({',
  },
  {
    name: "the ledger's own name for claimed runners is forgotten",
    file: 'store/schema.ts',
    from: `    taken: claimed,
`,
    to: `    claimed,
`,
  },
  {
    name: 'a drain that was set is gone after a power cut',
    file: 'store/drain.ts',
    from: 'import { replaceDurably, syncDirectory }',
    to: 'import { writeDurably as replaceDurably, syncDirectory }',
  },
  {
    name: 'a drain that was cleared is back after a power cut',
    file: 'store/drain.ts',
    from: `    await syncDirectory(stateDir);
`,
    to: '',
  },
  {
    name: 'a drain that cannot be read is none',
    file: 'store/drain.ts',
    from: `    throw error;
`,
    to: `    return false;
`,
  },
  {
    name: 'two that come first at once make two controllers',
    file: 'store/controller-id.ts',
    from: 'import { link, mkdir,',
    to: 'import { rename as link, mkdir,',
  },
  {
    name: 'any text is a controller id',
    file: 'store/controller-id.ts',
    from: 'if (!/^[a-z0-9]{8,64}$/.test(id)) throw',
    to: "if (id === '') throw",
  },
  {
    name: 'what others wrote aside stays beside the id',
    file: 'store/controller-id.ts',
    from: `  await sweep(stateDir);
`,
    to: '',
  },
  {
    name: 'a new controller id is gone after a power cut',
    file: 'store/controller-id.ts',
    from: `  await syncDirectory(stateDir);
`,
    to: '',
  },
  {
    name: 'the times of another boot are read as they stand',
    file: 'store/ledger.ts',
    from: 'state: carriedOver(saved.state, saved.clock, now)',
    to: 'state: saved.state',
  },
  {
    name: 'a file is dated by the start of its controller',
    file: 'store/ledger.ts',
    from: 'clock: instantOf(this.#clock), state',
    to: 'clock: this.#saved.clock, state',
  },
  {
    name: 'the times of an older version are read as those of this boot',
    file: 'store/migrate.ts',
    from: 'clock: wallInstant(now.wall)',
    to: 'clock: now',
  },
];
