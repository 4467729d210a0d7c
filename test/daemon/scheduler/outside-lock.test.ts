import { beforeEach, expect, test } from '@jest/globals';
import type { Fact } from '../../../bus-schema/fact.js';
import type { RepoPath } from '../../../bus-schema/repo-path.js';
import { nextWakeAt } from '../../../daemon/scheduler/stall.js';
import { aPlan, SchedulerRig } from './rig.js';

let rig: SchedulerRig;
beforeEach(() => {
  rig = new SchedulerRig();
});

const seen = (worker: string, path: string, lasts = 60_000): readonly Fact[] =>
  rig.say({
    type: 'OutsideLockSeen',
    worker,
    path: path as RepoPath,
    expiresAt: rig.at + lasts,
    acquiredWall: '2026-01-01T00:00:00.000Z',
  });
const outsiders = (): string[] => [...rig.state.outsiders.keys()];

test('a lock from outside holds tasks and attempts back, and ends with the clock', () => {
  seen('editor', 'src');
  rig.submit(aPlan([{ id: 'a', files: ['src/x'] }, { id: 'b' }]));
  rig.say({ type: 'LocksAsked', attempt: rig.attempt('b'), paths: ['src/y' as RepoPath] });
  expect(rig.running).toEqual(['b']);
  expect(nextWakeAt(rig.state)).toBe(rig.at + 60_000);
  rig.at += 60_000;
  rig.say({ type: 'Tick' });
  expect(outsiders()).toEqual([]);
  expect(rig.running).toEqual(['b', 'a']);
  expect(rig.state.waiting.size).toBe(0);
});

test('it is not honoured where somebody has the file, and one of its own it may renew', () => {
  rig.submit(aPlan([{ id: 'a', files: ['src'], access: 'read' }]));
  expect(seen('editor', 'src/x')).toEqual([]);
  expect(seen('editor', 'docs')).toHaveLength(1);
  expect(seen('other', 'docs/x')).toEqual([]);
  expect(seen('other', 'docs')).toEqual([]);
  expect(seen('editor', 'docs/x')).toHaveLength(1);
  expect(seen('editor', 'docs', 60_500)).toEqual([]);
  expect(seen('editor', 'docs', 90_000)).toMatchObject([{ type: 'OutsideLockTaken' }]);
  rig.at += 70_000;
  rig.say({ type: 'Tick' });
  expect(outsiders()).toEqual(['docs']);
});

test('only its own worker gives it back', () => {
  seen('editor', 'src');
  rig.submit(aPlan([{ id: 'a', files: ['src'] }]));
  const gone = (worker: string): readonly Fact[] =>
    rig.say({ type: 'OutsideLocksGone', worker, paths: ['src' as RepoPath], why: 'released' });
  expect(gone('other')).toEqual([]);
  expect(rig.status('a')).toBe('blocked');
  expect(gone('editor')).toHaveLength(2);
  expect(rig.status('a')).toBe('running');
});

test('a thousand are honoured, and not one more', () => {
  for (let number = 0; number < 1001; number++) seen('editor', `f${number}`);
  expect(outsiders()).toHaveLength(1000);
});
