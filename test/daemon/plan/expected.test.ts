import { describe, expect, test } from '@jest/globals';
import { NO_HISTORY } from '../../../bus-schema/history.js';
import type { Plan } from '../../../bus-schema/plan.js';
import { withExpectations } from '../../../daemon/plan/expected.js';
import { workOf } from '../../../daemon/plan/digest-source.js';
import { agentWork, aPlan } from '../scheduler/rig.js';

const expected = (plan: Plan): (number | undefined)[] => plan.tasks.map(task => task.expectedMs);

describe('a task is expected to take', () => {
  test('what it took in the middle: one run that hung, or did nothing, does not count', () => {
    const history = {
      ...NO_HISTORY,
      tasks: { 'sketch/a': [50, 9_000_000, 60], 'sketch/b': [70, 0, 80, 75] },
    };
    expect(expected(withExpectations(aPlan([{ id: 'a' }, { id: 'b' }]), history))).toEqual([60, 75]);
  });

  test('what others of its agent and type took, where it is new', () => {
    const history = { ...NO_HISTORY, kinds: { 'command/check': [10, 30, 20] } };
    const plan = aPlan([
      { id: 'a', type: 'check' },
      { id: 'b', type: 'other' },
    ]);
    expect(expected(withExpectations(plan, history))).toEqual([20, undefined]);
  });

  test('by its role, where an agent has one', () => {
    const history = { ...NO_HISTORY, kinds: { 'reviewer/': [40] } };
    const work = agentWork('claude');
    const plan = aPlan([
      { id: 'a', work, asked: { agent: 'reviewer' } },
      { id: 'b', work },
    ]);
    expect(expected(withExpectations(plan, history))).toEqual([40, undefined]);
  });

  test('nothing, where its plan has an estimate, or nothing is known', () => {
    const history = { ...NO_HISTORY, tasks: { 'sketch/a': [50] } };
    const plan = aPlan([{ id: 'a', estimateMs: 5 }, { id: 'constructor' }]);
    expect(expected(withExpectations(plan, history))).toEqual([undefined, undefined]);
  });
});

test('a plan is the same work, whatever was learned of it', () => {
  const plan = aPlan([{ id: 'a' }]);
  const later = withExpectations(plan, { ...NO_HISTORY, tasks: { 'sketch/a': [50] } });
  expect(later).not.toEqual(plan);
  expect(workOf(later)).toBe(workOf(plan));
});
