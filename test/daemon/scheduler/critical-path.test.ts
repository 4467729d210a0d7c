import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Task } from '../../../bus-schema/plan.js';
import { remainingPaths } from '../../../daemon/scheduler/critical-path.js';
import { aPlan, type TaskSketch } from './rig.js';

function dependentsOf(tasks: readonly Task[]): number[][] {
  return tasks.map(task =>
    tasks.flatMap((each, ordinal) => (each.dependsOn.includes(task.id) ? [ordinal] : [])),
  );
}

const lengths = (sketches: readonly TaskSketch[]): number[] => {
  const { tasks } = aPlan(sketches);
  return remainingPaths(tasks, dependentsOf(tasks));
};

/** The same by definition: what a task takes, and then the longest of what waits for it. */
function byDefinition(tasks: readonly Task[], unit: number): number[] {
  const dependents = dependentsOf(tasks);
  const from = (ordinal: number): number => {
    const task = tasks[ordinal];
    const own = task === undefined || task.done ? 0 : (task.estimateMs ?? unit);
    return own + Math.max(0, ...(dependents[ordinal] ?? []).map(from));
  };
  return tasks.map((_, ordinal) => from(ordinal));
}

const graphs = fc
  .array(
    fc.record({
      needs: fc.array(fc.nat({ max: 30 }), { maxLength: 3 }),
      estimateMs: fc.option(fc.nat({ max: 1000 }), { nil: undefined }),
      done: fc.boolean(),
    }),
    { minLength: 1, maxLength: 10 },
  )
  .map(drafts =>
    drafts.map(({ needs, estimateMs, done }, index): TaskSketch => {
      const earlier = [...new Set(needs.map(need => need % Math.max(index, 1)))].filter(need => need < index);
      const estimate = estimateMs === undefined ? {} : { estimateMs };
      return { id: `t${index}`, needs: earlier.map(need => `t${need}`), done, ...estimate };
    }),
  );

describe('the longest remaining chain', () => {
  test('is what its definition says, for any graph', () => {
    fc.assert(
      fc.property(graphs, sketches => {
        const { tasks } = aPlan(sketches);
        const known = sketches.flatMap(({ estimateMs }) => estimateMs ?? []).sort((a, b) => a - b);
        const median = known[Math.floor(known.length / 2)] ?? 1;
        expect(remainingPaths(tasks, dependentsOf(tasks))).toEqual(byDefinition(tasks, median));
      }),
      { numRuns: 500 },
    );
  });

  test('counts tasks where nobody gives an estimate', () => {
    expect(lengths([{ id: 'a' }, { id: 'b', needs: ['a'] }, { id: 'c', needs: ['b'] }, { id: 'd' }])).toEqual(
      [3, 2, 1, 1],
    );
  });

  test('takes the typical estimate for tasks without one', () => {
    const known = [10, 500, 30].map((estimateMs, index) => ({ id: `known${index}`, estimateMs }));
    expect(lengths([...known, { id: 'unknown' }])).toEqual([10, 500, 30, 30]);
  });

  test('of a chain of 100,000 tasks is found without recursion', () => {
    const count = 100_000;
    const sketches = Array.from({ length: count }, (_, index) => ({
      id: `t${index}`,
      needs: index === 0 ? [] : [`t${index - 1}`],
    }));
    const { tasks } = aPlan(sketches);
    const dependents = tasks.map((_, index) => (index === count - 1 ? [] : [index + 1]));
    expect(remainingPaths(tasks, dependents)[0]).toBe(count);
  });
});
