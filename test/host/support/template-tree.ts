import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { sh } from './shell.ts';
import { JOB, JQ, LISTENER } from './template-listener.ts';
import type { TemplateUnit } from './template-unit.ts';
import { RUNNER, storePathsOf, unitText } from './template-unit.ts';

/** Where a NixOS system has its programs; here they are Debian's. */
const PROGRAMS = `d /run/current-system 0755 root root -
d /run/current-system/sw 0755 root root -
L /run/current-system/sw/bin - - - - /usr/bin
`;

/** A guest tree whose runner is the template's, over the one of the test host; gone when disposed of. */
export function makeTemplateTree(unit: TemplateUnit): { readonly path: string } & Disposable {
  mkdirSync('/var/lib/runner-controller', { recursive: true });
  const base = mkdtempSync('/var/lib/runner-controller/template');
  const path = join(base, 'tree');
  for (const name of ['upper', 'work', 'tree']) mkdirSync(join(base, name));
  sh(
    `chmod 755 ${base}; mount -t overlay overlay -o lowerdir=/srv/guest,upperdir=${base}/upper,workdir=${base}/work ${path}`,
  );
  const put = (name: string, text: string, mode = 0o644): void => {
    const file = join(path, name);
    rmSync(file, { force: true });
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { mode });
  };
  put('etc/systemd/system/runner.service', unitText(unit));
  rmSync(join(path, 'etc/systemd/system/multi-user.target.wants/runner.service'), { force: true });
  for (const target of unit.wantedBy) {
    const wants = join(path, 'etc/systemd/system', `${target}.wants`);
    mkdirSync(wants, { recursive: true });
    symlinkSync('../runner.service', join(wants, 'runner.service'));
  }
  put('etc/tmpfiles.d/programs.conf', PROGRAMS);
  put(`${RUNNER}/bin/Runner.Listener`, LISTENER, 0o755);
  put(`${RUNNER}/job`, JOB);
  put('usr/bin/jq', JQ, 0o755);
  const { name, uid, home } = unit.user;
  sh(`mkdir -p ${path}/nix/store; cp -a ${storePathsOf(unit).join(' ')} ${path}/nix/store/
    sed -i 's/^${name}:x:[0-9]*:[0-9]*:/${name}:x:${uid}:${uid}:/' ${path}/etc/passwd
    sed -i 's/^${name}:x:[0-9]*:/${name}:x:${uid}:/' ${path}/etc/group
    chown -R ${uid}:${uid} ${path}${home}`);
  return {
    path,
    [Symbol.dispose]() {
      sh(`umount ${path}`);
      rmSync(base, { recursive: true, force: true });
    },
  };
}
