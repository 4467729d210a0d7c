import { afterEach, describe, expect, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { endTree } from '../../../bus-schema/store/end-tree.js';
import { bearsMark, findMarked } from '../../../bus-schema/store/marker-scan.js';
import { groupExists, groupOf, livingMembers, signalGroup } from '../../../bus-schema/store/process-group.js';
import { identityOf, signalProcess } from '../../../bus-schema/store/process-identity.js';
import { until } from '../../until.js';

const started: ChildProcess[] = [];
afterEach(() => {
  for (const { pid } of started.splice(0)) if (pid !== undefined) signalGroup(pid, 'SIGKILL');
});

const newAttempt = (): string => `test-${randomBytes(6).toString('hex')}.1.1`;

/** A shell that leads a group, marked as an attempt's unless told otherwise; settles when it has said "up". */
async function shell(script: string, attempt?: string): Promise<number> {
  const env = { PATH: process.env.PATH, ...(attempt !== undefined && { SIGNALBOX_ATTEMPT_ID: attempt }) };
  const child = spawn('/bin/sh', ['-c', script], {
    detached: true,
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  started.push(child);
  await new Promise(resolve => child.stdout.once('data', resolve));
  return child.pid ?? 0;
}

const STUBBORN = "trap '' TERM; echo up; while :; do sleep 0.05; done";

describe('a mark', () => {
  test('is found on the attempt that bears it, and not on one whose id begins the same', async () => {
    const attempt = newAttempt();
    const pid = await shell('echo up; sleep 60', `${attempt}0`);
    expect(bearsMark(pid, attempt)).toBe(false);
    expect(findMarked(`${attempt}0`).map(found => found.pid)).toContain(pid);
    expect(findMarked(attempt)).toEqual([]);
  });
});

describe('a signal', () => {
  test('does not reach another process that was given the number', async () => {
    const pid = await shell('echo up; exec sleep 60');
    const found = identityOf(pid);
    expect(found).toBeDefined();
    if (found === undefined) return;
    signalProcess({ ...found, startTime: '1' }, 'SIGKILL');
    signalProcess({ ...found, bootId: 'of another boot' }, 'SIGKILL');
    expect(identityOf(pid)).toEqual(found);
    signalProcess(found, 'SIGKILL');
    await until(() => identityOf(pid) === undefined);
  });
});

describe('a group', () => {
  test('is known to be empty when its last process is gone', async () => {
    const pid = await shell('echo up; exec sleep 60');
    expect([groupExists(pid), livingMembers(pid)]).toEqual([true, [pid]]);
    signalGroup(pid, 'SIGKILL');
    await until(() => !groupExists(pid));
    expect(livingMembers(pid)).toEqual([]);
  });

  test("is the attempt's while its leader runs or a member bears the mark, and else nobody's", async () => {
    const attempt = newAttempt();
    const pid = await shell('sleep 60 & echo up; read line < /dev/null; exit', attempt);
    const leader = {
      pid,
      startTime: '1',
      bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
    };
    expect(groupOf(attempt, leader)).toBe(pid);
    expect(groupOf(newAttempt(), leader)).toBeUndefined();
    await endTree({ attempt, group: pid, termGraceMs: 0 });
    expect(groupOf(attempt, leader)).toBeUndefined();
  });

  test('of all processes is never signalled', () => {
    expect(() => signalGroup(1, 'SIGCONT')).toThrow('Internal error');
  });
});

describe('the end of a tree', () => {
  test('is gentle when SIGTERM is enough', async () => {
    const attempt = newAttempt();
    const pid = await shell('trap "exit 0" TERM; echo up; while :; do sleep 0.02; done', attempt);
    const ended = new Promise(resolve => started[0]?.once('exit', (code, signal) => resolve(code ?? signal)));
    expect(await endTree({ attempt, group: pid, termGraceMs: 20_000 })).toEqual({ survivors: [] });
    expect(await ended).toBe(0);
  });

  test('reaches what ignores SIGTERM, left the group, or bears no mark', async () => {
    const attempt = newAttempt();
    const pid = await shell(`setsid sh -c "${STUBBORN}" & env -i /bin/sleep 300 & ${STUBBORN}`, attempt);
    await until(() => findMarked(attempt).some(found => !livingMembers(pid).includes(found.pid)));
    expect(await endTree({ attempt, group: pid, termGraceMs: 50 })).toEqual({ survivors: [] });
    expect([livingMembers(pid), findMarked(attempt)]).toEqual([[], []]);
  });

  test('touches nobody without the mark', async () => {
    const bystander = await shell('echo up; exec sleep 60', newAttempt());
    expect(await endTree({ attempt: newAttempt(), termGraceMs: 0 })).toEqual({ survivors: [] });
    expect(identityOf(bystander)).toBeDefined();
  });
});
