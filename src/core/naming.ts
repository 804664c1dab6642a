const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const SUFFIXES = ['', ...LETTERS.split('')];
const ALPHABET = `${LETTERS}0123456789`;
const RANDOM_LENGTH = 4;

/** Draws from [0, 1). Chance is an argument: the same draws give the same plan. */
export type Random = () => number;

/**
 * `j` and the last seven digits of the job's id, and a letter when that name is in use; null when all are in use.
 * At most nine characters: an interface `ve-NAME` stays below the kernel's 15, beyond which systemd renames
 * (systemd#10721). The name says why a container exists; it is never read back into a job.
 */
export function containerName(jobId: number, inUse: ReadonlySet<string>): string | null {
  const base = `j${String(jobId).slice(-7)}`;
  const suffix = SUFFIXES.find((letter) => !inUse.has(base + letter));
  return suffix === undefined ? null : base + suffix;
}

/** `PREFIX-CONTAINER-IIIIRRRR`: four characters of the controller id, four random. At most 61 characters. */
export function runnerName(
  prefix: string,
  container: string,
  controllerId: string,
  used: ReadonlySet<string>,
  random: Random,
): string {
  for (;;) {
    let tail = '';
    for (let n = 0; n < RANDOM_LENGTH; n += 1)
      tail += ALPHABET.charAt(Math.floor(random() * ALPHABET.length));
    const name = `${prefix}-${container}-${controllerId.slice(0, 4)}${tail}`;
    if (!used.has(name)) return name;
  }
}

/** Whether a runner's name has our form and this controller's id. The prefix may be any: it can be reconfigured. */
export function isOurRunner(name: string, controllerId: string): boolean {
  const match = /^[A-Za-z0-9-]{1,40}-j\d{1,7}[a-z]?-([a-z0-9]{4})[a-z0-9]{4}$/.exec(name);
  return match?.[1] === controllerId.slice(0, 4);
}
