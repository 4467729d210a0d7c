import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { endAllOf } from '../e2e/leftovers.js';
import { Rig } from '../e2e/rig.js';
import { HASTY, letPass, logOf, startsIn, submit, up, workerPid } from '../liveness/machine.js';
import { until } from '../until.js';
import { BreakableDisk, failCalls, unless, whyNoBreakableDisk, whyNoStrace } from './shortage.js';
import { firstRuns, letGo, ranOnce, reported, STACK, twoTasks } from './two-tasks.js';

/** By which new names, and signs of life, come onto a disk. */
const WRITING = [
  'link',
  'linkat',
  'rename',
  'renameat2',
  'mkdir',
  'unlink',
  'utimensat',
  'fsync',
  'fdatasync',
];

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
  rig.write('signalbox.config.yaml', HASTY);
});
afterEach(() => rig.remove());

const ifTraced = unless(whyNoStrace(), 'calls that fail from now on') ? describe : describe.skip;

ifTraced('a disk that takes nothing while a daemon runs', () => {
  test('nobody is ended for it, and the run goes on by itself when it is over', async () => {
    twoTasks(rig);
    const daemon = await up(rig);
    await submit(rig, 'plan.json');
    await firstRuns(rig);
    const worker = workerPid(rig, 'worker-1');
    const failing = await failCalls([daemon.pid, worker], WRITING, 'EROFS');
    // Far more than the three beats after which a worker that is silent alone would be ended.
    await letPass(5000);
    letGo(rig);
    await until(() => rig.read('.message-bus/workers/worker-1/worker.log').includes('EROFS'), 15_000);
    expect(rig.lines('witness')).toEqual(['a']);
    await failing.end();
    await reported(rig);
    ranOnce(rig);
    expect(workerPid(rig, 'worker-1')).toBe(worker);
    expect((await rig.signalbox(['down'])).code).toBe(0);
    expect((await daemon.ended).stderr).not.toMatch(STACK);
  }, 90_000);
});

const ifBroken = unless(whyNoBreakableDisk(), 'a disk that breaks') ? describe : describe.skip;

ifBroken('a disk that breaks while a daemon runs', () => {
  let disk: BreakableDisk;
  beforeEach(() => {
    disk = new BreakableDisk(rig.bus, join(rig.repo, 'image'));
  });
  afterEach(async () => {
    await endAllOf(rig.bus);
    disk.remove();
  });

  test('the daemon ends with a word at its next decision, and goes on when it is repaired', async () => {
    twoTasks(rig, { retries: 1 });
    const daemon = await up(rig);
    await submit(rig, 'plan.json');
    await firstRuns(rig);
    disk.break();
    const refused = await rig.signalbox(['submit', 'plan.json']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('EROFS');
    expect(refused.stderr).not.toMatch(STACK);
    daemon.kill('SIGINT');
    const { code, stderr } = await daemon.ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/the journal cannot be written \(E(ROFS|IO)/);
    expect(stderr).not.toMatch(STACK);
    expect(rig.lines('witness')).toEqual(['a']);
    await endAllOf(rig.bus);
    await disk.repair();
    letGo(rig);
    await up(rig);
    await reported(rig);
    expect(rig.report().verdict).toBe('PASS');
    expect(startsIn(rig)).toEqual({ a: 2, b: 1 });
    expect(rig.lines('witness')).toEqual(['a', 'a', 'b']);
    expect(logOf(rig)).not.toContain('"level":60');
  }, 90_000);
});
