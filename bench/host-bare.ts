import { execFile } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { promisify } from 'node:util';

import { sh } from '../test/host/support/shell.ts';

const DIRECTORY = '/var/lib/runner-controller/bare';
const run = promisify(execFile);

/** Milliseconds to READY of plain `systemd-nspawn --boot` units over the same tree; `count` at once, so many times. */
export async function bareStarts(count: number, rounds: number): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const names = Array.from({ length: count }, (_, n) => `bare${n}`);
    for (const name of names) mount(name);
    times.push(...(await Promise.all(names.map(start))));
    for (const name of names) end(name);
    rmSync(DIRECTORY, { recursive: true, force: true });
  }
  return times;
}

function end(name: string): void {
  sh(`systemctl kill --signal=KILL ${name}; systemctl stop ${name}; systemctl reset-failed ${name} 2>/dev/null
      umount ${DIRECTORY}/${name}/root; rmdir /run/systemd/nspawn/propagate/${name}`);
}

function mount(name: string): void {
  const path = `${DIRECTORY}/${name}`;
  for (const part of ['upper', 'work', 'root']) mkdirSync(`${path}/${part}`, { recursive: true });
  sh(`mount -t overlay overlay -o lowerdir=/srv/guest,upperdir=${path}/upper,workdir=${path}/work ${path}/root
      ln -s /dev/null ${path}/upper/etc/systemd/system/runner.service 2>/dev/null || { mkdir -p ${path}/root/etc/systemd/system; ln -sf /dev/null ${path}/root/etc/systemd/system/runner.service; }`);
}

async function start(name: string): Promise<number> {
  const nspawn = [
    'systemd-nspawn',
    '--quiet',
    '--boot',
    '--keep-unit',
    '--notify-ready=yes',
    '--network-veth',
    '--link-journal=no',
  ];
  const began = performance.now();
  await run('systemd-run', [
    '--quiet',
    `--unit=${name}`,
    '--service-type=notify',
    '--property=Delegate=yes',
    '--property=KillMode=mixed',
    ...nspawn,
    `--machine=${name}`,
    `--directory=${DIRECTORY}/${name}/root`,
  ]);
  return performance.now() - began;
}
