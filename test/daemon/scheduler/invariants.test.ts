import { describe, expect, test } from '@jest/globals';
import type { RunId, TaskId, WorkerId } from '../../../bus-schema/ids.js';
import type { RepoPath } from '../../../bus-schema/repo-path.js';
import { brokenInvariants } from '../../../daemon/scheduler/invariants.js';
import { beginBackoff } from '../../../daemon/scheduler/retry.js';
import type { Attempt, Run, State, TaskNode } from '../../../daemon/scheduler/state.js';
import { aPlan, SchedulerRig } from './rig.js';

/** One task in each state that a task can be in, all of it sound. */
class Scene {
  readonly state: State;
  readonly run: Run;

  constructor() {
    const rig = new SchedulerRig();
    rig.submit(
      aPlan(
        [
          { id: 'running', files: ['src'], type: 'code' },
          { id: 'second', files: ['docs'] },
          { id: 'blocked', files: ['src/x'] },
          { id: 'failing' },
          { id: 'skipped', needs: ['failing'] },
          { id: 'backoff', retries: 3 },
          { id: 'complete' },
          { id: 'waiting', needs: ['running', 'complete'] },
          { id: 'before', done: true },
          { id: 'ready', type: 'code' },
        ],
        {},
        { code: 1 },
      ),
    );
    rig.fail('failing');
    rig.fail('backoff');
    rig.complete('complete');
    this.state = rig.state;
    const run = rig.state.runs.get('run-1' as RunId);
    if (run === undefined) throw new Error('no run');
    this.run = run;
  }

  node(id: string): TaskNode {
    const node = this.run.byId.get(id as TaskId);
    if (node === undefined) throw new Error(`no task ${id}`);
    return node;
  }

  attempt(id: string): Attempt {
    const { status } = this.node(id);
    if (status.kind !== 'running') throw new Error(`${id} does not run`);
    return status.attempt;
  }

  /** Gives an object's field another value, whatever its type says of writing. */
  set<T extends object, K extends keyof T>(target: T, key: K, value: T[K]): void {
    target[key] = value;
  }
}

test('the scene has a task in every state, and nothing is wrong with it', () => {
  const scene = new Scene();
  expect(brokenInvariants(scene.state)).toEqual([]);
  for (const kind of ['running', 'blocked', 'backoff', 'waiting', 'before', 'ready'])
    expect(scene.node(kind).status.kind).toBe(kind);
  for (const kind of ['complete', 'skipped'])
    expect(scene.node(kind).status).toMatchObject({ kind: 'ended', end: { kind } });
});

describe('a broken rule is told', () => {
  const breaks: readonly (readonly [string, (scene: Scene) => void, RegExp])[] = [
    [
      'an open attempt of a task that does not run',
      s => s.set(s.node('running'), 'status', { kind: 'waiting' }),
      /is open, but its task is waiting/,
    ],
    [
      'two open attempts of one task',
      s =>
        s.state.attempts.set('other.0.2' as Attempt['id'], {
          ...s.attempt('running'),
          id: 'other.0.2' as Attempt['id'],
        }),
      /other\.0\.2 is open, but its task is running/,
    ],
    [
      'an attempt without its slot',
      s => s.state.slots.delete('worker-1' as WorkerId),
      /does not hold the slot of worker-1/,
    ],
    [
      'a slot without an attempt',
      s => s.state.slots.set('worker-9' as WorkerId, s.attempt('running')),
      /slots without an attempt/,
    ],
    [
      'more attempts than allowed',
      s => s.set(s.node('running'), 'attempts', 2),
      /more than the task's retries allow/,
    ],
    [
      'two holders of one file',
      s => s.set(s.node('second'), 'task', { ...s.node('second').task, files: s.node('running').task.files }),
      /hold the same file/,
    ],
    [
      'a file that one declared and another asked for',
      s => s.attempt('second').locks.set('src/x' as RepoPath, { since: '', as: undefined }),
      /hold the same file/,
    ],
    [
      'a file that is in the hands of a program outside as well',
      s =>
        s.state.outsiders.set('docs' as RepoPath, {
          worker: 'editor',
          path: 'docs' as RepoPath,
          expiresAt: 1,
          expiresWall: '',
          acquiredWall: '',
          waiters: new Set(),
        }),
      /editor, who is none of ours, hold the same file/,
    ],
    [
      'attempts that wait for each other',
      s => {
        s.set(s.attempt('running'), 'wants', { paths: ['docs' as RepoPath], since: 1 });
        s.set(s.attempt('second'), 'wants', { paths: ['src' as RepoPath], since: 1 });
      },
      /waits in a circle/,
    ],
    [
      'one that waits and is not in line',
      s => s.set(s.attempt('second'), 'wants', { paths: ['src' as RepoPath], since: 1 }),
      /waits, or does not, unknown/,
    ],
    [
      'one that waits after its end',
      s => s.state.waiting.add({ ...s.attempt('second'), id: 'other.0.2' as Attempt['id'] }),
      /waits after its end/,
    ],
    [
      'one that waits while it is being ended',
      s => {
        s.set(s.attempt('second'), 'wants', { paths: ['src' as RepoPath], since: 1 });
        s.set(s.attempt('second'), 'stopping', 'timeout');
      },
      /waits while it is being ended/,
    ],
    [
      'a task put off that nobody will call again',
      s => s.set(s.node('backoff'), 'status', { kind: 'deferred' }),
      /deferred, and the deferred say otherwise/,
    ],
    ['a wrong count of open tasks', s => s.run.open++, /count of open tasks/],
    ['a wrong tally', s => s.run.tally.complete++, /tally of ended tasks/],
    ['a wrong count of running tasks', s => s.run.running++, /count of running tasks/],
    [
      'a run that ended too soon',
      s => s.set(s.run, 'ended', { verdict: 'PASS', at: 1, wall: '' }),
      /ended without its tasks/,
    ],
    ['a run that is not active', s => s.state.active.delete(s.run), /active and ended, or neither/],
    ['a lane that miscounts', s => s.node('running').lane.running++, /lane "code" runs 1, says 2/],
    ['a lane over its limit', s => s.set(s.node('running').lane, 'limit', 0), /lane "code" runs 1, says 1/],
    ['a wrong count of blockers', s => s.node('waiting').blockers--, /0 blockers are counted, 1 are there/],
    [
      'a task begun before its dependencies',
      s => s.set(s.node('waiting'), 'status', { kind: 'ready' }),
      /ready before its dependencies are complete/,
    ],
    [
      'a ready task that is in no lane',
      s => s.node('ready').lane.ready.remove(s.node('ready')),
      /ready, and its lane says otherwise/,
    ],
    [
      'a backoff that nobody will wake',
      s => s.state.backoffs.remove(s.node('backoff')),
      /backoff, and the backoffs say otherwise/,
    ],
    [
      'a task among the backoffs that has no business there',
      s => {
        const node = s.node('waiting');
        beginBackoff(s.state, node, 1);
        node.status = { kind: 'waiting' };
      },
      /waiting, and the backoffs say otherwise/,
    ],
    [
      'a blocked task outside its class',
      s => s.node('blocked').lockClass?.waiting.clear(),
      /blocked, and its lock class says otherwise/,
    ],
    [
      'a blocked task that nobody will wake',
      s => s.attempt('running').waiters.clear(),
      /blocked, and nobody will wake it/,
    ],
    [
      'a task skipped without a cause',
      s => s.set(s.node('failing'), 'status', { kind: 'ended', end: { kind: 'complete' } }),
      /skipped without a cause/,
    ],
  ];

  test.each(breaks)('%s', (_what, spoil, told) => {
    const scene = new Scene();
    spoil(scene);
    expect(brokenInvariants(scene.state)).toContainEqual(expect.stringMatching(told));
  });
});
