import { beforeEach, describe, expect, test } from '@jest/globals';
import type { RepoPath } from '../../bus-schema/repo-path.js';
import { ForeignLocks } from '../../daemon/foreign-locks.js';
import { locksView } from '../../daemon/projections/locks-view.js';
import { aPlan, SchedulerRig } from './scheduler/rig.js';

let rig: SchedulerRig;
let locks: ForeignLocks;
let warnings: object[];
let names: Map<string, string>;
beforeEach(() => {
  rig = new SchedulerRig();
  warnings = [];
  names = new Map();
  locks = foreignLocks();
});

/** The one that a daemon has: what it learns of the state, it says to the scheduler. */
function foreignLocks(): ForeignLocks {
  return new ForeignLocks({
    loop: {
      state: rig.state,
      post: (...messages) => {
        for (const incoming of messages) {
          const message = incoming(rig.state);
          if (message !== undefined) rig.say(message);
        }
      },
    },
    clock: { now: () => rig.at, wall: () => rig.at },
    taskOf: worker => names.get(worker),
    shown: () => locksView(rig.state),
    log: { warn: what => void warnings.push(what) },
  });
}

type File = Record<string, unknown>;
const view = (): File => locksView(rig.state);
const write = (content: File): void => {
  locks.hear(JSON.stringify(content));
};
/** Reads the file, changes it, and writes all of it back: as the source system's workers do. */
const change = (edit: (file: File) => void): void => {
  const file = structuredClone(view());
  edit(file);
  write(file);
};
const holders = (): Record<string, unknown> =>
  Object.fromEntries(Object.entries(locksView(rig.state)).map(([path, { worker_id }]) => [path, worker_id]));
const iso = (fromNow: number): string => new Date(rig.at + fromNow).toISOString();

describe('a lock of a program that is none of ours', () => {
  test('is honoured from when it is read until its entry is gone', () => {
    change(file => (file.src = { worker_id: 'editor', acquired_at: iso(0), expires_at: iso(60_000) }));
    rig.submit(aPlan([{ id: 'a', files: ['src/x'] }]));
    expect(rig.status('a')).toBe('blocked');
    expect(view()).toEqual({
      src: { worker_id: 'editor', acquired_at: iso(0), expires_at: iso(60_000) },
    });
    change(file => delete file.src);
    expect(rig.status('a')).toBe('running');
  });

  test('lasts half an hour if it does not say, and a day at most', () => {
    write({
      a: 'editor',
      b: { worker_id: 'editor', expires_at: null },
      c: { worker_id: 'editor', expires_at: '2999-01-01T00:00:00Z' },
    });
    expect([...rig.state.outsiders.values()].map(lock => lock.expiresAt - rig.at)).toEqual([
      1_800_000, 1_800_000, 86_400_000,
    ]);
  });

  test('that is over already is none, and one that is over by its own word ends', () => {
    write({ a: { worker_id: 'editor', expires_at: iso(-1) } });
    expect(holders()).toEqual({});
    write({ a: { worker_id: 'editor', acquired_at: iso(0), expires_at: iso(1000) } });
    expect(holders()).toEqual({ a: 'editor' });
    write({ a: { worker_id: 'editor', acquired_at: iso(0), expires_at: iso(-1) } });
    expect(holders()).toEqual({});
  });

  test('is not honoured where a task holds the file, which is said once', () => {
    rig.submit(aPlan([{ id: 'a', files: ['src'] }]));
    const edit = (file: File): void => void (file['src/x'] = { worker_id: 'editor', acquired_at: iso(0) });
    change(edit);
    change(edit);
    expect(holders()).toEqual({ src: 'worker-1' });
    expect(warnings).toEqual([{ path: 'src/x', worker: 'editor', holder: 'run-1.0.1' }]);
    change(file => (file.src = 'editor'));
    expect(holders()).toEqual({ src: 'worker-1' });
  });

  test('goes over to another program when that has taken its place', () => {
    write({ a: 'one' });
    write({ a: 'two' });
    expect(holders()).toEqual({ a: 'two' });
  });

  test('does not come back with an old copy of the file', () => {
    const entry = { worker_id: 'editor', acquired_at: iso(0), expires_at: iso(60_000) };
    write({ a: entry });
    const old = view();
    write({});
    write(old);
    write({ a: entry });
    expect(holders()).toEqual({});
    write({ a: { ...entry, acquired_at: iso(5) } });
    expect(holders()).toEqual({ a: 'editor' });
  });

  test('is nothing that a torn file could release', () => {
    write({ a: 'editor' });
    locks.hear('');
    locks.hear('{"a": "ed');
    expect(holders()).toEqual({ a: 'editor' });
  });

  test('outside the repo means nothing, and is said once', () => {
    write({ '/etc/passwd': 'editor' });
    write({ '/etc/passwd': 'editor' });
    expect(holders()).toEqual({});
    expect(warnings).toHaveLength(1);
  });
});

describe('a lock of a worker that does a task of ours', () => {
  beforeEach(() => {
    rig.submit(
      aPlan([
        { id: '1.1', files: ['src/1.ts'] },
        { id: '1.2' },
        { id: '2', needs: ['1.2'], files: ['docs'] },
      ]),
    );
  });

  test.each([
    ['the name it has in the source system', 'worker-1.1-20260801101500', undefined],
    ['its entry', 'someone', '1.1'],
  ])('known by %s is a lock of its attempt, and is shown under its own name', (_what, worker, task) => {
    change(file => (file.docs = { worker_id: worker, ...(task === undefined ? {} : { task_id: task }) }));
    rig.complete('1.2');
    expect(rig.status('2')).toBe('blocked');
    expect(view().docs).toMatchObject({ worker_id: worker, task_id: '1.1', run_id: 'run-1' });
    rig.complete('1.1');
    expect(rig.status('2')).toBe('running');
  });

  test('known by worker-status.json', () => {
    names.set('someone', '1.1');
    change(file => (file.docs = 'someone'));
    expect(rig.state.attempts.get(rig.attempt('1.1'))?.locks.has('docs' as RepoPath)).toBe(true);
  });

  test('of a file that its task declared is its own, taken under its name and given back', () => {
    const worker = 'worker-1.1-20260801101500';
    change(file => (file['src/1.ts'] = worker));
    expect(holders()).toEqual({ 'src/1.ts': worker });
    change(file => delete file['src/1.ts']);
    expect(holders()).toEqual({ 'src/1.ts': 'worker-2' });
  });

  test('is given back when its entry is gone; what its attempt asked for otherwise stays', () => {
    rig.say({ type: 'LocksAsked', attempt: rig.attempt('1.1'), paths: ['own' as RepoPath] });
    change(file => (file.docs = 'worker-1.1-1'));
    write({});
    expect(holders()).toEqual({ 'src/1.ts': 'worker-2', own: 'worker-2' });
  });

  test('in an old copy of the file is nothing once its attempt has ended', () => {
    change(file => (file.lib = { worker_id: 'worker-1.1-1', acquired_at: iso(0) }));
    const old = view();
    rig.complete('1.1');
    write(old);
    expect(holders()).toEqual({});
    expect(warnings).toEqual([]);
  });
});
