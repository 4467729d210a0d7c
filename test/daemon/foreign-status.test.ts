import { beforeEach, describe, expect, test } from '@jest/globals';
import type { AttemptId } from '../../bus-schema/ids.js';
import { ForeignStatus } from '../../daemon/foreign-status.js';
import { Liveness } from '../../daemon/scheduler/liveness.js';
import { aPlan, SchedulerRig } from './scheduler/rig.js';

let rig: SchedulerRig;
let liveness: Liveness;
let progress: Map<AttemptId, number>;
let foreign: ForeignStatus;
let now = 0;
beforeEach(() => {
  now = 1000;
  rig = new SchedulerRig();
  rig.submit(aPlan([{ id: '1.1' }, { id: '1.2', needs: ['1.1'] }]));
  liveness = new Liveness();
  progress = new Map();
  foreign = new ForeignStatus({ loop: rig, liveness, now: () => now, progress });
});

const say = (worker: string, entry: object): void => {
  foreign.hear(JSON.stringify({ [worker]: entry }));
};
const lastSign = (): number | undefined => liveness.lastSign(rig.attempt('1.1'));

describe('an entry in worker-status.json that is not ours', () => {
  test('is a sign of its task each time it changes, and stays to be seen', () => {
    say('worker-1.1-2026', { task_id: '1.1', last_heartbeat: 'a', progress_pct: 10 });
    expect(lastSign()).toBe(1000);
    now = 2000;
    say('worker-1.1-2026', { task_id: '1.1', last_heartbeat: 'a', progress_pct: 10 });
    expect(lastSign()).toBe(1000);
    say('worker-1.1-2026', { task_id: '1.1', last_heartbeat: 'b', progress_pct: 10 });
    expect(lastSign()).toBe(2000);
    expect(progress.get(rig.attempt('1.1'))).toBe(10);
    expect([...foreign.entries.keys()]).toEqual(['worker-1.1-2026']);
  });

  test('of a task that does not run says nothing', () => {
    say('w', { task_id: '1.2', last_heartbeat: 'a' });
    say('w', { task_id: 'other', last_heartbeat: 'a' });
    expect(foreign.entries.size).toBe(0);
    expect(lastSign()).toBeUndefined();
  });

  test('under the name of our worker is news only when it got further: it may be an old copy', () => {
    progress.set(rig.attempt('1.1'), 40);
    say('worker-1', { task_id: '1.1', progress_pct: 40, last_heartbeat: 'older' });
    expect(lastSign()).toBeUndefined();
    say('worker-1', { task_id: '1.1', progress_pct: 60 });
    expect(lastSign()).toBe(1000);
    expect(progress.get(rig.attempt('1.1'))).toBe(60);
    expect(foreign.entries.size).toBe(0);
  });

  test('is forgotten when nothing runs any more', () => {
    say('w', { task_id: '1.1', last_heartbeat: 'a' });
    foreign.forgetAtRest();
    expect(foreign.entries.size).toBe(1);
    rig.complete('1.1');
    rig.complete('1.2');
    foreign.forgetAtRest();
    expect(foreign.entries.size).toBe(0);
  });
});
