import { expect, test } from '@jest/globals';
import type { TaskId } from '../../../bus-schema/ids.js';
import { stagesOf, tooLate, type Waved } from '../../../daemon/plan/wave-order.js';

const task = (id: string, wave: number | undefined, ...dependsOn: string[]): Waved => ({
  id: id as TaskId,
  wave,
  dependsOn: dependsOn as TaskId[],
});

test('numbered waves come one after the other, and in each dependencies decide', () => {
  expect(stagesOf([task('a', 1), task('b', 1, 'a'), task('c', 0), task('d', 1)])).toEqual([
    ...[['c'], ['a', 'd'], ['b']],
  ]);
  expect(stagesOf([task('a', undefined), task('b', undefined, 'a')])).toEqual([['a'], ['b']]);
});

test('whoever depends on a later wave is found', () => {
  const tasks = [task('a', 2), task('b', 1, 'a', 'c'), task('c', 1), task('d', undefined, 'c')];
  expect(tooLate(tasks).map(({ task: late, dependency }) => `${late.id} ${dependency.id}`)).toEqual(['b a']);
});
