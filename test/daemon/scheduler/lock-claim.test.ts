import { beforeEach, describe, expect, test } from '@jest/globals';
import { parseEventName } from '../../../bus-schema/event-name.js';
import type { RepoPath } from '../../../bus-schema/repo-path.js';
import { meaningOf, type Drop, type Meaning } from '../../../daemon/scheduler/attribution.js';
import { aPlan, SchedulerRig } from './rig.js';

let rig: SchedulerRig;
beforeEach(() => {
  rig = new SchedulerRig();
  rig.submit(aPlan([{ id: '1.1' }, { id: '1.2' }, { id: '2.1', needs: ['1.1'] }]));
});

const token = (task: string): string => rig.state.attempts.get(rig.attempt(task))?.token ?? '';

function meaning(file: string, more: Partial<Drop>): Meaning {
  const name = parseEventName(file);
  if (name === undefined) throw new Error(`${file} is no event`);
  return meaningOf(rig.state, { file, name, inode: 7, mtimeMs: rig.at, text: '', ...more });
}
const asked = (more: Partial<Drop>): Meaning => meaning('FILE_LOCK_REQUEST_ab12.event', more);
const given = (more: Partial<Drop>): Meaning => meaning('FILE_UNLOCK_ab12.event', more);

describe('a request for locks', () => {
  test.each([
    ['its token', (): Partial<Drop> => ({ token: token('1.2') })],
    ['its task', () => ({ task: '1.2' })],
    ['its task, as some write it', () => ({ task: 'task-1.2', run: 'run-1' })],
    ['our worker', () => ({ worker: 'worker-2' })],
    ['the name of a worker of the source system', () => ({ worker: 'worker-1.2-20260801101500' })],
  ])('is that of the attempt that %s says', (_what, whose) => {
    expect(asked({ ...whose(), paths: ['./src//a.ts:4-9'] })).toEqual({
      kind: 'request',
      message: { type: 'LocksAsked', attempt: rig.attempt('1.2'), paths: ['src/a.ts'] },
    });
  });

  test.each([
    ['of nobody', { paths: ['a'] }, /does not say whose/],
    ['of a task that does not run', { task: '2.1', paths: ['a'] }, /no attempt of task 2\.1 is open/],
    ['of an attempt that was given up', { token: '0'.repeat(32), paths: ['a'] }, /no open attempt/],
    ['that is older than the attempt', { task: '1.1', paths: ['a'], mtimeMs: 1 }, /older/],
    ['without a path', { task: '1.1', paths: [] }, /names no path/],
    [
      'for what lies outside',
      { task: '1.1', paths: ['ok', '../up', '/etc/passwd'] },
      /"\.\.\/up" leaves.*"\/etc\/passwd"/,
    ],
    ['for far too much', { task: '1.1', paths: new Array<string>(1001).fill('a') }, /more than 1000/],
  ])('%s is refused, with the reason', (_what, drop, why) => {
    expect(asked(drop)).toEqual({ kind: 'stray', why: expect.stringMatching(why) });
    expect(asked({ ...drop, isLine: true })).toEqual({ kind: 'passed-over' });
  });

  test('by a line of the feed it is a claim: its writer does not wait for an answer', () => {
    expect(asked({ worker: 'worker-1.1-2026', paths: ['a'], isLine: true })).toMatchObject({
      message: { type: 'LocksAsked', claimed: true },
    });
  });

  test('of two runs with such a task must say which', () => {
    rig.submit(aPlan([{ id: '1.1' }]), 'run-2');
    expect(asked({ task: '1.1', paths: ['a'] })).toMatchObject({
      kind: 'stray',
      why: expect.stringMatching(/run-1 and run-2/),
    });
    expect(asked({ task: '1.1', run: 'run-2', paths: ['a'] })).toMatchObject({ kind: 'request' });
  });
});

describe('giving locks back', () => {
  test('names paths, or means all; or only ends the waiting', () => {
    const attempt = rig.attempt('1.1');
    expect(given({ token: token('1.1'), paths: ['a'] })).toMatchObject({
      message: { type: 'LocksGivenBack', attempt, paths: ['a'] },
    });
    expect(given({ token: token('1.1') })).toMatchObject({ message: { attempt, paths: 'all' } });
    expect(given({ token: token('1.1'), paths: ['a'], withdraw: true })).toMatchObject({
      message: { withdraw: true },
    });
  });

  test('an event that says nothing is for others to see', () => {
    expect(meaning('FILE_UNLOCK_all.event', {})).toEqual({ kind: 'passed-over' });
  });

  test('by nobody known is a stray, but a program outside may give back its own', () => {
    expect(given({ worker: 'editor', paths: ['a'] })).toMatchObject({ kind: 'stray' });
    const path = 'a' as RepoPath;
    rig.say({ type: 'OutsideLockSeen', worker: 'editor', path, expiresAt: rig.at + 9, acquiredWall: '' });
    expect(given({ worker: 'editor', paths: ['a', 'b'] })).toMatchObject({
      message: { type: 'OutsideLocksGone', worker: 'editor', paths: ['a'] },
    });
    expect(given({ worker: 'other', paths: ['a'] })).toMatchObject({ kind: 'stray' });
  });
});
