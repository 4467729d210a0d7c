import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { bootId, identityOf, isRunning, ownIdentity } from '../../../bus-schema/store/process-identity.js';

const onLinux = process.platform === 'linux' ? test : test.skip;

describe('the identity of a process', () => {
  test('our own is running, and is the same each time it is asked for', () => {
    const own = ownIdentity();
    expect(own.pid).toBe(process.pid);
    expect(own.bootId).toBe(bootId());
    expect(own.startTime).not.toBe('unknown');
    expect(isRunning(own)).toBe(true);
    expect(identityOf(process.pid)).toEqual(own);
  });

  test('a later process with that number, or one of an earlier boot, is another', () => {
    const own = ownIdentity();
    expect(isRunning({ ...own, startTime: '1' })).toBe(false);
    expect(isRunning({ ...own, bootId: 'an earlier one' })).toBe(false);
  });

  test('one that has ended has none', async () => {
    const child = spawn('sleep', ['600']);
    const identity = identityOf(child.pid ?? 0);
    expect(identity).toBeDefined();
    const ended = once(child, 'close');
    child.kill('SIGKILL');
    await ended;
    expect(identityOf(child.pid ?? 0)).toBeUndefined();
    expect(identity !== undefined && isRunning(identity)).toBe(false);
  });

  test('a number that no process has, has none', () => {
    expect(identityOf(spawnSync('true').pid)).toBeUndefined();
    expect(identityOf(2 ** 30)).toBeUndefined();
  });

  onLinux('a name with spaces and parentheses does not confuse it', async () => {
    const named = ['-c', 'printf "x) R 1 (" >/proc/self/comm; echo named; read wait'];
    const child = spawn('sh', named);
    await once(child.stdout, 'data');
    const stat = readFileSync(`/proc/${child.pid ?? 0}/stat`, 'utf8');
    expect(stat).toContain('(x) R 1 ()');
    expect(identityOf(child.pid ?? 0)?.startTime).toBe(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
    const ended = once(child, 'close');
    child.kill('SIGKILL');
    await ended;
  });

  onLinux('a zombie is not running', async () => {
    // The shell becomes sleep, which never asks for the end of the child that it has got in this way.
    const parent = spawn('sh', ['-c', 'sleep 0.05 & echo $!; exec sleep 600']);
    const [said] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(said.toString());
    const stat = await statOfZombie(pid);
    const startTime = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
    expect(startTime).toMatch(/^\d+$/);
    expect(identityOf(pid)).toBeUndefined();
    expect(isRunning({ pid, startTime, bootId: bootId() })).toBe(false);
    const ended = once(parent, 'close');
    parent.kill('SIGKILL');
    await ended;
  });
});

async function statOfZombie(pid: number): Promise<string> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    if (stat.includes(') Z ')) return stat;
    if (performance.now() > deadline) throw new Error(`${pid} has not become a zombie within 20 s`);
    await pause(10);
  }
}
