import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Rig } from '../e2e/rig.js';
import { awaiting } from '../e2e/witness.js';
import { HASTY, letPass, logOf, startsIn, submit, up } from '../liveness/machine.js';
import { until } from '../until.js';
import { SmallDisk, unless, whyNoMount } from './shortage.js';

const ifMountable = unless(whyNoMount(), 'tests of a full disk') ? describe : describe.skip;

let rig: Rig;
let disk: SmallDisk;

/** What a command tells stands outside the disk that is full. */
function plan(): void {
  rig.plan('plan.json', [
    { id: 'a', command: `echo a >> witness; ${awaiting('go')}`, retries: 0 },
    { id: 'b', command: 'echo b >> witness', depends_on: ['a'], retries: 0 },
  ]);
}

const go = (): void => writeFileSync(join(rig.repo, 'go'), '');

async function everythingRanOnce(): Promise<void> {
  const again = await rig.signalbox(['run', 'plan.json'], { timeoutMs: 40_000 });
  expect(again.code).toBe(0);
  expect(rig.lines('witness')).toEqual(['a', 'b']);
  expect(startsIn(rig)).toEqual({ a: 1, b: 1 });
  expect((await rig.signalbox(['doctor', '--json'])).stdout).not.toContain('damaged');
}

ifMountable('a bus on a disk', () => {
  beforeEach(() => {
    rig = new Rig();
    rig.write('signalbox.config.yaml', HASTY);
    disk = new SmallDisk(rig.bus, 'size=1m,nr_inodes=300');
  });
  afterEach(async () => {
    disk.makeRoom();
    const left = rig.bus;
    await rig.remove().catch(() => undefined);
    if (existsSync(left)) disk.remove();
    await rig.remove();
  });

  test('that is full: the outcome of what ran meanwhile waits, and the run goes on when there is room', async () => {
    plan();
    const run = rig.start(['run', 'plan.json'], { timeoutMs: 60_000 });
    await until(() => rig.lines('witness').length === 1, 15_000);
    disk.fill();
    go();
    // Long enough for the worker's first tries.
    await letPass(3000);
    expect(rig.lines('witness')).toEqual(['a']);
    disk.makeRoom();
    expect((await run.ended).code).toBe(0);
    expect(rig.lines('witness')).toEqual(['a', 'b']);
    expect(startsIn(rig)).toEqual({ a: 1, b: 1 });
  }, 90_000);

  test('that has no name left: a run ends all the same, now or at the next start', async () => {
    plan();
    const run = rig.start(['run', 'plan.json'], { timeoutMs: 60_000 });
    await until(() => rig.lines('witness').length === 1, 15_000);
    disk.useUpNames();
    go();
    await letPass(2500);
    disk.makeRoom();
    const { code, stderr } = await run.ended;
    expect(stderr).not.toMatch(/internal error|^\s+at /m);
    if (code !== 0) await everythingRanOnce();
    expect(rig.lines('witness')).toEqual(['a', 'b']);
  }, 90_000);

  test('that is full when a daemon starts: it says so, and the next start goes on where it was', async () => {
    plan();
    const daemon = await up(rig);
    await submit(rig, 'plan.json');
    await until(() => rig.lines('witness').length === 1, 15_000);
    daemon.kill('SIGKILL');
    await daemon.ended;
    disk.fill();
    const refused = await rig.signalbox(['up']);
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain('ENOSPC');
    expect(refused.stderr).not.toMatch(/internal error|^\s+at /m);
    disk.makeRoom();
    go();
    await everythingRanOnce();
  }, 90_000);

  test('that cannot be written to: nothing is started, and the message says where', async () => {
    await rig.signalbox(['init']);
    plan();
    disk.mode('ro');
    const { code, stderr } = await rig.signalbox(['run', 'plan.json']);
    disk.mode('rw');
    expect(code).not.toBe(0);
    expect(stderr).toContain('EROFS');
    expect(stderr).toContain(rig.bus);
    expect(stderr).not.toMatch(/internal error|^\s+at /m);
    expect(rig.lines('witness')).toEqual([]);
    expect(logOf(rig)).not.toContain('"level":60');
  }, 60_000);
});
