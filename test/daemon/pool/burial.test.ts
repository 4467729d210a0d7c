import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { AttemptId, RunId, WorkerId } from '../../../bus-schema/ids.js';
import { layout } from '../../../bus-schema/layout.js';
import type { Containment, ProcessIdentity } from '../../../bus-schema/lease.js';
import { cgroupMembers, killCgroup, ownCgroup, removeCgroup } from '../../../bus-schema/store/cgroup.js';
import { identityOf, isRunning } from '../../../bus-schema/store/process-identity.js';
import { buryAttempt, endHeld } from '../../../daemon/pool/burial.js';
import { launch } from '../../../daemon/pool/containment.js';
import type { Attempt } from '../../../daemon/ports.js';
import { freshFolder } from '../../fresh-folder.js';
import { aliveWith, TIERS } from '../../escapees.js';
import { until } from '../../until.js';

const RUN = `run-${randomBytes(6).toString('hex')}` as RunId;
const WORKER = 'worker-1' as WorkerId;
const ATTEMPT = { id: `${RUN}.0.1` as AttemptId, worker: WORKER, node: { run: { id: RUN } } } as Attempt;

let bus: ReturnType<typeof freshFolder>;
const children: ChildProcess[] = [];
beforeEach(() => {
  bus = freshFolder();
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  bus.remove();
});

/** A process that has nothing to do with the bus. */
function stranger(program = 'sleep', ...args: string[]): ProcessIdentity {
  const child = spawn(program, args.length === 0 ? ['60'] : args, { detached: true, stdio: 'ignore' });
  children.push(child);
  const identity = identityOf(child.pid ?? 0);
  if (identity === undefined) throw new Error(`${program} did not start`);
  return identity;
}

function write(path: string, ...lines: object[]): void {
  const file = join(bus.path, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, lines.map(line => `${JSON.stringify(line)}\n`).join(''));
}

const claim = (holder: ProcessIdentity): object => ({
  ...{ attempt: ATTEMPT.id, token: 'f'.repeat(32), by: 'worker', holder },
});

describe('the burial of an attempt', () => {
  test.each<[string, (other: ProcessIdentity) => Containment]>([
    ['group', () => ({ kind: 'group' })],
    ['reaper', shim => ({ kind: 'reaper', shim })],
    ['namespace', shim => ({ kind: 'namespace', shim })],
  ])('in containment %s signals nobody who has only got the numbers', async (_, containment) => {
    const other = stranger();
    for (const former of [
      { ...other, startTime: '1' },
      { ...other, bootId: 'of another boot' },
    ]) {
      write(layout.claim(RUN, ATTEMPT.id), claim(former), { command: former });
      const lease = { holder: former, version: '0', startedAt: '', containment: containment(former) };
      write(layout.workerInfo(WORKER), lease);
      expect(await buryAttempt(bus.path, ATTEMPT, 0)).toEqual([]);
    }
    expect(isRunning(other)).toBe(true);
  });

  test('spares a worker that came to serve under the id after it', async () => {
    const [next, shim] = [stranger(), stranger()];
    write(layout.claim(RUN, ATTEMPT.id), claim({ ...next, startTime: '1' }));
    const containment: Containment = { kind: 'reaper', shim };
    write(layout.workerInfo(WORKER), { holder: next, version: '0', startedAt: '', containment });
    expect(await buryAttempt(bus.path, ATTEMPT, 0)).toEqual([]);
    expect([isRunning(next), isRunning(shim)]).toEqual([true, true]);
  });
});

describe.each(TIERS.filter(kind => kind === 'reaper' || kind === 'cgroup'))('what %s holds', kind => {
  test('is ended from outside, when what stands above it stands still', async () => {
    const mark = `held-${randomBytes(6).toString('hex')}`;
    const { prefix, argument } = launch(kind);
    const [program = '', ...args] = prefix;
    const stay = 'while :; do sleep 0.1; done';
    const script = `(setsid env -i PATH="$PATH" sh -c "${stay}" ${mark}-orphan &); ${stay}`;
    const shim = stranger(program, ...args, '/bin/sh', '-c', script, `${mark}-worker`);
    const worker = await until(() => {
      const alive = aliveWith(mark);
      const pid = alive.find(each => each.argument === `${mark}-worker` && each.pid !== shim.pid)?.pid;
      return alive.some(each => each.argument === `${mark}-orphan`) && pid !== undefined && identityOf(pid);
    });
    process.kill(shim.pid, 'SIGSTOP');
    const containment: Containment =
      kind === 'reaper' ? { kind, shim } : { kind: 'cgroup', folder: argument.slice('cgroup:'.length) };
    expect(await endHeld({ holder: worker, containment })).toEqual([]);
    expect(aliveWith(mark).filter(({ pid }) => pid !== shim.pid)).toEqual([]);
  });
});

(TIERS.includes('cgroup') ? describe : describe.skip)('a control group', () => {
  test('shows who is in it and below it, and is emptied and removed as a whole', async () => {
    const folder = join(ownCgroup() ?? '', `signalbox-${randomBytes(6).toString('hex')}`);
    mkdirSync(join(folder, 'below'), { recursive: true });
    const [one, two] = [stranger(), stranger()];
    writeFileSync(join(folder, 'cgroup.procs'), String(one.pid));
    writeFileSync(join(folder, 'below', 'cgroup.procs'), String(two.pid));
    expect(cgroupMembers(folder)).toEqual([one, two]);
    killCgroup(folder);
    await until(() => cgroupMembers(folder).length === 0);
    expect([isRunning(one), isRunning(two)]).toEqual([false, false]);
    await until(() => {
      removeCgroup(folder);
      return identityOf(one.pid) === undefined;
    });
    expect(cgroupMembers(folder)).toEqual([]);
  });
});
