import { beforeEach, expect, test } from '@jest/globals';
import type { Fact } from '../../../bus-schema/fact.js';
import type { RunId, TaskId } from '../../../bus-schema/ids.js';
import type { RepoPath } from '../../../bus-schema/repo-path.js';
import { aPlan, SchedulerRig } from './rig.js';

let rig: SchedulerRig;
beforeEach(() => {
  rig = new SchedulerRig();
});

const submit = (retries = 0): void =>
  void rig.submit(
    aPlan(
      [
        { id: 'a', files: ['x'] },
        { id: 'b', retries },
        { id: 'c', retries },
      ],
      { onConflict: 'abort' },
    ),
  );
/** It asks for what `a` holds, and is ended for it. */
function meetConflict(task: string, outcome: 'conflict' | 'lost' = 'conflict'): readonly Fact[] {
  rig.say({ type: 'LocksAsked', attempt: rig.attempt(task), paths: ['x' as RepoPath] });
  return rig.say({
    type: 'Exited',
    attempt: rig.attempt(task),
    outcome:
      outcome === 'lost'
        ? { kind: 'lost', message: 'its worker died' }
        : { kind: 'failed', reason: 'conflict', message: 'asked for a file that another holds' },
  });
}

test('those that met a conflict come again when the others are through, one at a time, and it costs no retry', () => {
  submit();
  expect(meetConflict('b')).toMatchObject([{ type: 'AttemptSettled' }, { type: 'TaskDeferred', task: 'b' }]);
  meetConflict('c', 'lost');
  expect([rig.status('b'), rig.status('c')]).toEqual(['deferred', 'deferred']);
  rig.complete('a');
  expect(rig.running).toEqual(['b']);
  rig.complete('b');
  expect(rig.running).toEqual(['c']);
  rig.complete('c');
  expect(rig.state.runs.get('run-1' as RunId)?.ended?.verdict).toBe('PASS');
});

test('three times it is put off, then it has failed', () => {
  submit();
  for (let time = 0; time < 3; time++) {
    expect(meetConflict('b')).toMatchObject([{}, { type: 'TaskDeferred' }]);
    // An operator wants it now.
    rig.say({ type: 'Retry', run: 'run-1' as RunId, task: 'b' as TaskId });
    expect(rig.status('b')).toBe('running');
  }
  meetConflict('b');
  expect(rig.status('b')).toBe('failed');
});

test('cancelled while it is put off, it is cancelled', () => {
  submit();
  meetConflict('b');
  rig.say({ type: 'Cancel', run: 'run-1' as RunId, task: 'b' as TaskId });
  expect(rig.status('b')).toBe('cancelled');
  rig.complete('a');
  rig.complete('c');
  expect(rig.state.active.size).toBe(0);
});

test('a failure of its own is one, whatever it says', () => {
  submit();
  const outcome = { kind: 'failed', reason: 'conflict', message: 'so it says' } as const;
  rig.say({ type: 'Exited', attempt: rig.attempt('b'), outcome });
  expect(rig.status('b')).toBe('failed');
});
