import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, readlink, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { EngineError } from '../../core/errors.ts';
import { run } from '../command.ts';

const BUILD_DEADLINE_MS = 60 * 60_000;
/** Beside the program, in the checkout as in the package. */
const BUILD_EXPRESSION = fileURLToPath(new URL('../../../nix/container/build-template.nix', import.meta.url));
/** Where Nix looks for `<nixpkgs>` when `NIX_PATH` is unset. */
const DEFAULT_NIX_PATH =
  '/nix/var/nix/profiles/per-user/root/channels/nixos:/nix/var/nix/profiles/per-user/root/channels';

/**
 * Container systems from template files: built once per content of the file and nixpkgs, kept by a GC root below
 * STATE_DIR. To ask for one that is built costs one read of the template and evaluates nothing.
 */
export class TemplateStore {
  readonly #directory: string;
  readonly #expression: string;
  readonly #building = new Map<string, Promise<string>>();

  constructor(stateDir: string, expression: string = BUILD_EXPRESSION) {
    this.#directory = join(stateDir, 'templates');
    this.#expression = expression;
  }

  /** The store path of the template's system. Throws when the template is missing or does not build. */
  async systemOf(template: string, signal: AbortSignal): Promise<string> {
    const key = await keyOf(template);
    const root = join(this.#directory, key);
    const built = await storePath(root);
    if (built !== null) return built;
    const under = this.#building.get(key);
    if (under !== undefined) return under;
    const building = this.#build(template, root, signal).finally(() => this.#building.delete(key));
    this.#building.set(key, building);
    return building;
  }

  /** The system that was built of it as it is now; null: none yet. Throws when the template is missing. */
  async builtOf(template: string): Promise<string | null> {
    return storePath(join(this.#directory, await keyOf(template)));
  }

  async #build(template: string, root: string, signal: AbortSignal): Promise<string> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    // The link that it makes is a root for Nix's garbage collection.
    const argv = ['nix-build', this.#expression, '--arg', 'template', template, '--out-link', root] as const;
    await run(argv, { signal, deadlineMs: BUILD_DEADLINE_MS });
    const built = await storePath(root);
    if (built === null)
      throw new EngineError('not-buildable', `nix-build of ${template} made no store path at ${root}`);
    await this.#forgetOthers(root);
    return built;
  }

  /** What older ones built is kept by the profiles of the containers that use it, and by nothing else. */
  async #forgetOthers(kept: string): Promise<void> {
    const used = new Set([kept, ...[...this.#building.keys()].map((key) => join(this.#directory, key))]);
    for (const entry of await readdir(this.#directory)) {
      const path = join(this.#directory, entry);
      if (!used.has(path)) await rm(path, { force: true });
    }
  }
}

/** Changes with the template's text and with where nixpkgs is: a channel's link leads to a new store path after an update. */
async function keyOf(template: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    hash.update(await readFile(template));
  } catch (error) {
    throw new EngineError(
      'not-buildable',
      `The container template ${template} cannot be read: set CONTAINER_TEMPLATE or CONTAINER_SYSTEM`,
      {
        cause: error,
      },
    );
  }
  hash.update(template);
  const nixPath = process.env['NIX_PATH'] ?? DEFAULT_NIX_PATH;
  for (const entry of nixPath.split(':')) {
    const path = entry.slice(entry.indexOf('=') + 1);
    hash.update(entry).update(await realpath(path).catch(() => path));
  }
  return hash.digest('hex').slice(0, 32);
}

/** Null: no link, or what it led to was collected. */
async function storePath(root: string): Promise<string | null> {
  try {
    const target = await readlink(root);
    return existsSync(target) ? target : null;
  } catch {
    return null;
  }
}
