import { expect, test } from '@jest/globals';
import { taskRefs, type Roster } from '../../../daemon/plan/task-refs.js';

const ORDER = ['1.1', '1.2', '1.3', '2.1', 'T001', '3', '3-4', 'fix-1'];
const roster = (left = 100): Roster => ({
  order: ORDER,
  places: new Map(ORDER.map((id, place) => [id, place])),
  left,
});

test.each([
  ['none', [], []],
  ['None', [], []],
  ['—', [], []],
  ['', [], []],
  ['None (reverses 1.1)', [], []],
  ['None — it is the first', [], []],
  ['1.1', ['1.1'], []],
  ['1.1, 1.2', ['1.1', '1.2'], []],
  ['[1.1, `1.2`]', ['1.1', '1.2'], []],
  ['Task 1.1 and Task 3.', ['1.1', '3'], []],
  ['task-1.1', ['1.1'], []],
  ['Fix 1', ['fix-1'], []],
  ['1.1–1.3', ['1.1', '1.2', '1.3'], []],
  ['1.2-2.1', ['1.2', '1.3', '2.1'], []],
  ['Task 1.1 to Task 1.2', ['1.1', '1.2'], []],
  ['3-4', ['3-4'], []],
  ['1.1 (parallel with 1.2/1.3 (and 2.1)), T001', ['1.1', 'T001'], []],
  ['1.1 makes the tables', ['1.1'], []],
  ['9.9', ['9.9'], []],
  ['T001, **Issue #125 (Blocked By)**', ['T001'], ['Issue #125']],
  ['the schema', [], ['the schema']],
  ['1.1, 1.1', ['1.1'], []],
])('%j', (text, ids, prose) => {
  expect(taskRefs(text, roster())).toEqual({ ids, prose });
});

test('ranges name no more tasks than they may', () => {
  const few = roster(5);
  expect(taskRefs('1.1–2.1', few).ids).toHaveLength(4);
  expect(few.left).toBe(1);
  expect(taskRefs('1.1–2.1', few).ids).toEqual(['1.1']);
  expect(few.left).toBeLessThan(0);
});
