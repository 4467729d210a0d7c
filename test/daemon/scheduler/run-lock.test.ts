import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Fact } from '../../../bus-schema/fact.js';
import type { RunId, TaskId } from '../../../bus-schema/ids.js';
import type { RepoPath } from '../../../bus-schema/repo-path.js';
import { Liveness } from '../../../daemon/scheduler/liveness.js';
import { waitOf } from '../../../daemon/scheduler/run-lock.js';
import { aPlan, SchedulerRig, type TaskSketch } from './rig.js';

let rig: SchedulerRig;
beforeEach(() => {
  rig = new SchedulerRig();
});

const submit = (...sketches: TaskSketch[]): void => void rig.submit(aPlan(sketches));
const ask = (task: string, ...paths: string[]): readonly Fact[] =>
  rig.say({ type: 'LocksAsked', attempt: rig.attempt(task), paths: paths as RepoPath[] });
const giveBack = (task: string, ...paths: string[]): readonly Fact[] =>
  rig.say({
    type: 'LocksGivenBack',
    attempt: rig.attempt(task),
    paths: paths.length === 0 ? 'all' : (paths as RepoPath[]),
  });
const locksOf = (task: string): string[] => [
  ...(rig.state.attempts.get(rig.attempt(task))?.locks.keys() ?? []),
];
const wantsOf = (task: string): readonly string[] | undefined =>
  rig.state.attempts.get(rig.attempt(task))?.wants?.paths;
const types = (facts: readonly Fact[]): string[] => facts.map(fact => fact.type);

describe('a lock asked for while a task runs', () => {
  test('is given when nobody holds the file, and again when it is asked for again', () => {
    submit({ id: 'a', files: ['declared'] });
    expect(ask('a', 'src')).toMatchObject([
      { type: 'LocksTaken', task: 'a', worker: 'worker-1', paths: ['src'] },
    ]);
    expect(types(ask('a', 'src/x', 'declared'))).toEqual(['LocksTaken']);
    expect(locksOf('a')).toEqual(['src', 'src/x']);
  });

  test('is waited for while another task has declared the file, and given when that is settled', () => {
    submit({ id: 'a', files: ['src'] }, { id: 'b' });
    expect(ask('b', 'src/x', 'free')).toMatchObject([
      { type: 'LocksAwaited', paths: ['src/x', 'free'], holder: 'run-1.0.1', path: 'src/x' },
    ]);
    expect(locksOf('b')).toEqual([]);
    expect(types(rig.complete('a'))).toContain('LocksTaken');
    expect(locksOf('b')).toEqual(['src/x', 'free']);
    expect(wantsOf('b')).toBeUndefined();
  });

  test('is waited for behind readers too, and a declared reader may ask to write what nobody else reads', () => {
    submit({ id: 'a', files: ['x'], access: 'read' }, { id: 'b', files: ['x'], access: 'read' });
    expect(types(ask('a', 'x'))).toEqual(['LocksAwaited']);
    rig.complete('b');
    expect(locksOf('a')).toEqual(['x']);
  });

  test('keeps a task that declares the file from beginning, until it is given back', () => {
    rig.submit(aPlan([{ id: 'a' }, { id: 'b', files: ['src/x'], needs: ['c'] }, { id: 'c' }]));
    ask('a', 'src', 'other');
    rig.complete('c');
    expect(rig.status('b')).toBe('blocked');
    giveBack('a', 'other');
    expect(rig.status('b')).toBe('blocked');
    giveBack('a', 'src');
    expect(rig.status('b')).toBe('running');
  });

  test('is not overtaken by a task that has not begun', () => {
    submit({ id: 'a', files: ['x'] }, { id: 'b' }, { id: 'c', files: ['x'], priority: 3 });
    ask('b', 'x');
    rig.complete('a');
    expect(locksOf('b')).toEqual(['x']);
    expect(rig.status('c')).toBe('blocked');
    rig.complete('b');
    expect(rig.status('c')).toBe('running');
  });

  test('even for another file of the same wish, a task that has not begun waits', () => {
    submit({ id: 'a', files: ['x'] }, { id: 'b' }, { id: 'd' }, { id: 'c', files: ['y'], needs: ['d'] });
    ask('b', 'x', 'y');
    rig.complete('d');
    expect(rig.status('c')).toBe('blocked');
    giveBack('b');
    expect(rig.status('c')).toBe('running');
  });

  test('goes to those that wait in the order of their waiting, and a further wish keeps the place', () => {
    submit({ id: 'a' }, { id: 'b' }, { id: 'c' });
    ask('a', 'x', 'y');
    ask('b', 'x');
    ask('c', 'y', 'x');
    ask('b', 'y');
    expect(wantsOf('b')).toEqual(['x', 'y']);
    giveBack('a', 'x');
    expect(locksOf('b')).toEqual([]);
    giveBack('a');
    expect(locksOf('b')).toEqual(['x', 'y']);
    expect(wantsOf('c')).toEqual(['y', 'x']);
    rig.complete('b');
    expect(locksOf('c')).toEqual(['y', 'x']);
  });

  test('that is free is given even to an attempt that waits for another', () => {
    submit({ id: 'a', files: ['x'] }, { id: 'b' });
    ask('b', 'x');
    expect(types(ask('b', 'free'))).toEqual(['LocksTaken']);
    expect(wantsOf('b')).toEqual(['x']);
  });

  test('withdrawn before it is given, is not given any more; withdrawn after, it is kept', () => {
    submit({ id: 'a', files: ['x'] }, { id: 'b' });
    ask('b', 'mine');
    ask('b', 'x', 'mine');
    const withdraw = (): readonly Fact[] =>
      rig.say({
        type: 'LocksGivenBack',
        attempt: rig.attempt('b'),
        paths: ['x', 'mine'] as RepoPath[],
        withdraw: true,
      });
    expect(withdraw()).toMatchObject([{ type: 'LocksReleased', paths: [], withdrawn: ['x', 'mine'] }]);
    rig.complete('a');
    expect(locksOf('b')).toEqual(['mine']);
    expect(withdraw()).toEqual([]);
    expect(locksOf('b')).toEqual(['mine']);
  });

  test('ends with its attempt, and one that is being ended gets and waits for nothing more', () => {
    submit({ id: 'a', files: ['x'] }, { id: 'b' });
    ask('b', 'mine');
    ask('b', 'x');
    rig.say({ type: 'Cancel', run: 'run-1' as RunId, task: 'b' as TaskId });
    expect(wantsOf('b')).toBeUndefined();
    expect(ask('b', 'free')).toEqual([]);
    expect(locksOf('b')).toEqual(['mine']);
    rig.fail('b');
    expect(types(ask('a', 'mine'))).toEqual(['LocksTaken']);
  });

  test('that somebody only says it has is taken if it is free, and never waited for', () => {
    submit({ id: 'a', files: ['x'] }, { id: 'b' });
    const claim = (path: string): readonly Fact[] =>
      rig.say({
        type: 'LocksAsked',
        attempt: rig.attempt('b'),
        paths: [path as RepoPath],
        claimed: true,
        as: 'worker-b-2026',
      });
    expect(claim('x')).toEqual([]);
    expect(claim('y')).toMatchObject([{ type: 'LocksTaken', as: 'worker-b-2026' }]);
    expect(claim('y')).toEqual([]);
  });

  test('says who waits for whom', () => {
    submit({ id: 'a', files: ['x'] }, { id: 'b' });
    ask('b', 'x');
    const attempt = rig.state.attempts.get(rig.attempt('b'));
    expect(attempt === undefined ? undefined : waitOf(rig.state, attempt)).toMatchObject({
      holder: { id: 'run-1.0.1' },
      path: 'x',
    });
  });

  test('is no stall, however long it is waited for', () => {
    submit({ id: 'a', files: ['x'] }, { id: 'b' });
    const liveness = new Liveness();
    liveness.sign(rig.attempt('b'), 0);
    ask('b', 'x');
    expect(liveness.look(rig.state, 10_000_000).silent).toEqual([]);
    rig.complete('a');
    expect(liveness.look(rig.state, 10_000_001).silent).toEqual([]);
    expect(liveness.look(rig.state, 20_000_000).silent).toEqual([rig.attempt('b')]);
  });
});

describe('attempts that wait for each other', () => {
  beforeEach(() => {
    rig.submit(aPlan([{ id: 'a' }], {}), 'run-1');
    rig.at += 1000;
    rig.submit(aPlan([{ id: 'b', retries: 1 }, { id: 'c' }], {}), 'run-2');
  });

  test('are found at once, and the youngest gives way', () => {
    ask('a', 'x');
    ask('b', 'y');
    ask('b', 'x');
    expect(ask('a', 'y')).toMatchObject([
      { type: 'LocksAwaited', task: 'a', holder: 'run-2.0.1' },
      { type: 'DeadlockResolved', task: 'b', cycle: ['run-1.0.1', 'run-2.0.1'] },
      { type: 'AttemptStopping', task: 'b', reason: 'deadlock' },
    ]);
    expect(locksOf('b')).toEqual(['y']);
    const outcome = { kind: 'failed', reason: 'deadlock', message: 'gave way' } as const;
    const facts = rig.say({ type: 'Exited', attempt: rig.attempt('b'), outcome });
    expect(types(facts)).toEqual(['AttemptSettled', 'RetryScheduled', 'LocksTaken']);
    expect(locksOf('a')).toEqual(['x', 'y']);
  });

  test('a circle of three, closed by the youngest, ends that one', () => {
    ask('a', 'x');
    ask('b', 'y');
    ask('c', 'z');
    ask('a', 'y');
    ask('b', 'z');
    expect(ask('c', 'x')).toMatchObject([
      { type: 'LocksAwaited' },
      { type: 'DeadlockResolved', task: 'c', cycle: ['run-2.1.1', 'run-1.0.1', 'run-2.0.1'] },
      { type: 'AttemptStopping', task: 'c' },
    ]);
  });

  test('two circles that come about at once are both broken', () => {
    ask('a', 'x');
    ask('b', 'y');
    ask('c', 'z');
    ask('b', 'x');
    ask('c', 'x');
    const victims = ask('a', 'y', 'z').flatMap(fact => (fact.type === 'DeadlockResolved' ? [fact.task] : []));
    expect(victims.sort()).toEqual(['b', 'c']);
  });

  test('who waits in line for what the other needs first has no precedence over it', () => {
    ask('a', 'x');
    ask('b', 'x', 'y');
    expect(types(ask('a', 'y'))).toEqual(['LocksTaken']);
  });
});
