import { beforeEach, describe, expect, test } from '@jest/globals';
import type { RepoPath } from '../../../bus-schema/repo-path.js';
import { feedOf } from '../../../daemon/projections/feed.js';
import { RunStory } from '../../../daemon/projections/run-story.js';
import type { LockMessage } from '../../../daemon/scheduler/message.js';
import { aPlan, SchedulerRig } from '../scheduler/rig.js';

const X = 'x' as RepoPath;

let rig: SchedulerRig;
beforeEach(() => {
  rig = new SchedulerRig();
});

/** The messages that a message brings forth, without their envelopes. */
function told(message: LockMessage): unknown[] {
  const from = rig.records.length;
  rig.say(message);
  return rig.records
    .slice(from)
    .flatMap(record => feedOf(rig.state, record))
    .map(({ type, payload }) => [type, payload]);
}
const ask = (task: string, ...paths: string[]): LockMessage => ({
  type: 'LocksAsked',
  attempt: rig.attempt(task),
  paths: paths as RepoPath[],
});

describe('what the feed tells of locks at run time', () => {
  const whose = (task: string, worker: string, ordinal: number): object => ({
    run_id: 'run-1',
    task_id: task,
    worker_id: worker,
    attempt_id: `run-1.${ordinal}.1`,
  });

  test('one line for each path that is given or given back', () => {
    rig.submit(aPlan([{ id: 'a', timeoutMs: 60_000 }]));
    const mine = whose('a', 'worker-1', 0);
    const more = { lock_type: 'write', expires_at: '1970-01-01T00:17:40.000Z' };
    expect(told(ask('a', 'x', 'y'))).toEqual([
      ['FILE_LOCK', { ...mine, filepath: 'x', ...more }],
      ['FILE_LOCK', { ...mine, filepath: 'y', ...more }],
    ]);
    expect(told({ type: 'LocksGivenBack', attempt: rig.attempt('a'), paths: 'all' })).toEqual([
      ['FILE_UNLOCK', { ...mine, filepath: 'x' }],
      ['FILE_UNLOCK', { ...mine, filepath: 'y' }],
    ]);
  });

  test('who waits for whom, that the wait is over, and who gives way', () => {
    rig.submit(aPlan([{ id: 'a' }, { id: 'b' }]));
    rig.say(ask('a', 'x'));
    rig.say(ask('b', 'y'));
    const blocked = {
      ...whose('b', 'worker-2', 1),
      waiting_for: 'run-1.0.1',
      holder_task: 'a',
      resource: 'x',
    };
    expect(told(ask('b', 'x'))).toEqual([['BLOCKED', blocked]]);
    expect(told({ type: 'LocksGivenBack', attempt: rig.attempt('b'), paths: [X] })).toEqual([
      ['FILE_UNLOCK', { ...whose('b', 'worker-2', 1), filepath: 'x', withdrawn: true }],
    ]);
    rig.say(ask('b', 'x'));
    const facts = told(ask('a', 'y'));
    expect(facts[1]).toEqual([
      'DEADLOCK_RESOLVED',
      { ...whose('b', 'worker-2', 1), cycle: ['a', 'b'], victim: 'b', action: 'released_locks' },
    ]);
  });

  test('of a program outside', () => {
    const path = 'src' as RepoPath;
    expect(
      told({ type: 'OutsideLockSeen', worker: 'editor', path, expiresAt: rig.at + 1000, acquiredWall: '' }),
    ).toEqual([
      [
        'FILE_LOCK',
        {
          worker_id: 'editor',
          filepath: 'src',
          lock_type: 'write',
          expires_at: new Date(rig.at + 1000).toISOString(),
        },
      ],
    ]);
    expect(told({ type: 'OutsideLocksGone', worker: 'editor', paths: [path], why: 'released' })).toEqual([
      ['FILE_UNLOCK', { worker_id: 'editor', filepath: 'src', reason: 'released' }],
    ]);
  });
});

test('a run’s story has a line for each, and tells a circle as something to note', () => {
  rig.submit(aPlan([{ id: 'a' }, { id: 'b' }]));
  rig.say(ask('a', 'x'));
  rig.say(ask('b', 'y'));
  rig.say(ask('b', 'x'));
  rig.say({ type: 'LocksGivenBack', attempt: rig.attempt('b'), paths: [X] });
  rig.say(ask('b', 'x'));
  rig.say(ask('a', 'y'));
  const story = new RunStory('run-1');
  const lines = rig.records
    .flatMap(record => feedOf(rig.state, record))
    .flatMap(message => story.hear(message) ?? [])
    .map(({ kind, task, text }) => `${kind} ${task} ${text}`);
  expect(lines.slice(2)).toEqual([
    'locks a x',
    'locks b y',
    'waits b for x, held by run-1.0.1',
    'frees b x, for which it had waited',
    'waits b for x, held by run-1.0.1',
    'waits a for y, held by run-1.1.1',
    "note b gives way: a, b waited for each other's files",
  ]);
});
