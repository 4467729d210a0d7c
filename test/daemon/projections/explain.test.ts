import { describe, expect, test } from '@jest/globals';
import type { RunId, TaskId } from '../../../bus-schema/ids.js';
import type { Plan } from '../../../bus-schema/plan.js';
import { explain } from '../../../daemon/projections/explain.js';
import { CONFLICTS } from '../../../daemon/cli/conflicts.js';
import { aPlan, SchedulerRig } from '../scheduler/rig.js';

const RUN = 'run-1' as RunId;

function rigWith(plan: Plan, maxParallel = 100): SchedulerRig {
  const rig = new SchedulerRig(maxParallel);
  rig.submit(plan);
  return rig;
}

function why(rig: SchedulerRig, task: string): string {
  const node = rig.state.runs.get(RUN)?.byId.get(task as TaskId);
  if (node === undefined) throw new Error(`no task ${task}`);
  return explain(rig.state, node, rig.at, CONFLICTS).join('\n');
}

describe('why a task is where it is', () => {
  test('it was done before', () => {
    expect(why(rigWith(aPlan([{ id: 'a', done: true }])), 'a')).toBe('task a is marked as done in its plan');
  });

  test('it waits for others: which, and how those stand', () => {
    const rig = rigWith(
      aPlan([{ id: 'a' }, { id: 'b', retries: 1 }, { id: 'c' }, { id: 'd', needs: ['a', 'b', 'c'] }]),
    );
    rig.complete('a');
    rig.fail('b');
    expect(why(rig, 'd')).toBe('task d waits for 2 of its 3 dependencies:\n  b is backoff\n  c is running');
  });

  test('it waits for its wave', () => {
    const rig = rigWith(
      aPlan([{ id: 'a' }, { id: 'slow' }, { id: 'b', needs: ['a'] }], { schedule: 'waves' }),
    );
    rig.complete('a');
    expect(why(rig, 'b')).toBe('task b waits for its wave: tasks of an earlier wave are not done');
  });

  test('it waits for a file: which, and who has it', () => {
    const rig = rigWith(
      aPlan([
        { id: 'a', files: ['src'] },
        { id: 'b', files: ['src/x'] },
      ]),
    );
    expect(why(rig, 'b')).toContain('it waits for src/x, which task a of run run-1 holds (worker-1)');
  });

  test('it waits for a slot, of the daemon, its run, or its type', () => {
    expect(why(rigWith(aPlan([{ id: 'a' }, { id: 'b' }]), 1), 'b')).toContain(
      'all 1 slots of the daemon are taken',
    );
    expect(why(rigWith(aPlan([{ id: 'a' }, { id: 'b' }], { maxParallel: 1 })), 'b')).toContain(
      'all 1 slots of its run are taken',
    );
    const typed = aPlan(
      [
        { id: 'a', type: 'review' },
        { id: 'b', type: 'review' },
      ],
      {},
      { review: 1 },
    );
    expect(why(rigWith(typed), 'b')).toContain('at most 1 tasks of type "review" may run at once');
  });

  test('it is held up by a pause, of all or of its run, or by a drain', () => {
    const rig = new SchedulerRig();
    rig.say({ type: 'Pause' });
    rig.submit(aPlan([{ id: 'a' }]));
    expect(why(rig, 'a')).toContain('everything is paused: `signalbox resume` goes on');
    rig.say({ type: 'Pause', run: RUN });
    rig.say({ type: 'Resume' });
    expect(why(rig, 'a')).toContain('its run is paused: `signalbox resume run-1` goes on');
    rig.say({ type: 'Drain' });
    rig.say({ type: 'Resume', run: RUN });
    expect(why(rig, 'a')).toBe(
      'task a is ready: all of its dependencies are complete\nthe daemon is draining: nothing new is started',
    );
  });

  test('it runs, and perhaps is being ended', () => {
    const rig = rigWith(aPlan([{ id: 'a' }]));
    rig.at += 4000;
    expect(why(rig, 'a')).toBe('task a runs on worker-1 since 4.0s, attempt 1');
    rig.say({ type: 'Stalled', attempt: rig.attempt('a') });
    expect(why(rig, 'a')).toContain('it is being ended (stalled)');
  });

  test('it failed and is tried again, in how long', () => {
    const rig = rigWith(aPlan([{ id: 'a', retries: 1 }], { backoffFirstMs: 60_000 }));
    rig.fail('a');
    expect(why(rig, 'a')).toMatch(/^task a failed and is tried again in (1m00s|[345]\d\.\ds)$/);
  });

  test('it has ended, and how', () => {
    const rig = rigWith(
      aPlan([
        { id: 'good' },
        { id: 'bad' },
        { id: 'behind', needs: ['bad'] },
        { id: 'unwanted', needs: ['good'] },
      ]),
    );
    rig.say({ type: 'Cancel', run: RUN, task: 'unwanted' as TaskId });
    rig.complete('good');
    rig.fail('bad');
    expect(why(rig, 'good')).toBe('task good is complete, after 1 attempt');
    expect(why(rig, 'bad')).toBe('task bad failed after 1 attempt: exit code 1');
    expect(why(rig, 'behind')).toBe('task behind was skipped, because bad did not complete');
    expect(why(rig, 'unwanted')).toBe('task unwanted was cancelled: cancelled');
  });
});
