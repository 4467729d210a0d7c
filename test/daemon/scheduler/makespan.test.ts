import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Plan } from '../../../bus-schema/plan.js';
import { criticalMs, play } from './makespan.js';
import { aPlan, type TaskSketch } from './rig.js';

interface Draft {
  readonly ms: number;
  readonly needs: readonly number[];
  readonly estimateMs: number | undefined;
}

interface Sample {
  readonly drafts: readonly Draft[];
  readonly slots: number;
}

/** A fifth of all tasks is much longer than the others; half of the estimates are wrong. */
const drafts = (most: number): fc.Arbitrary<Draft[]> =>
  fc.array(
    fc
      .record({
        ms: fc.oneof(
          { weight: 4, arbitrary: fc.integer({ min: 1, max: 100 }) },
          { weight: 1, arbitrary: fc.integer({ min: 100, max: 1000 }) },
        ),
        needs: fc.array(fc.nat(1000), { maxLength: 3 }),
        guess: fc.option(fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 1000 })), { nil: undefined }),
      })
      .map(({ ms, needs, guess }) => ({ ms, needs, estimateMs: guess === 0 ? ms : guess })),
    { minLength: 1, maxLength: most, size: 'max' },
  );

const samples = (slots: fc.Arbitrary<number>): fc.Arbitrary<Sample> =>
  fc.record({ drafts: drafts(30), slots });

function planOf({ drafts: made, slots }: Sample, schedule: Plan['settings']['schedule']): Plan {
  const sketches = made.map(({ needs, estimateMs }, index): TaskSketch => ({
    id: `t${index}`,
    needs: [...new Set(index === 0 ? [] : needs.map(need => `t${need % index}`))],
    ...(estimateMs === undefined ? {} : { estimateMs }),
  }));
  return aPlan(sketches, { maxParallel: slots, schedule });
}

const timesOf =
  ({ drafts: made }: Sample) =>
  (task: string): number =>
    made[Number(task.slice(1))]?.ms ?? 0;

const makespan = (sample: Sample, schedule: Plan['settings']['schedule']): number =>
  play(planOf(sample, schedule), timesOf(sample)).makespanMs;

/** What no greedy order exceeds: the rest of the work shared by all slots, and the longest chain. */
function bound(sample: Sample): number {
  const chain = criticalMs(planOf(sample, 'dag'), timesOf(sample));
  const work = sample.drafts.reduce((sum, { ms }) => sum + ms, 0);
  return (work - chain) / sample.slots + chain;
}

describe('without locks, a run by its dependencies', () => {
  test('is never slower than one by waves when there is a slot for every task: it takes as long as its longest chain', () => {
    fc.assert(
      fc.property(samples(fc.constant(30)), sample => {
        const asDag = makespan(sample, 'dag');
        expect(asDag).toBe(criticalMs(planOf(sample, 'dag'), timesOf(sample)));
        expect(asDag).toBeLessThanOrEqual(makespan(sample, 'waves'));
      }),
      { numRuns: 200 },
    );
  });

  test('takes as long as one by waves when there is one slot: the work of all', () => {
    fc.assert(
      fc.property(samples(fc.constant(1)), sample => {
        const work = sample.drafts.reduce((sum, { ms }) => sum + ms, 0);
        expect([makespan(sample, 'dag'), makespan(sample, 'waves')]).toEqual([work, work]);
      }),
      { numRuns: 50 },
    );
  });

  test('leaves no slot idle while a task is ready, so that it is never longer than a greedy order can be', () => {
    fc.assert(
      fc.property(samples(fc.integer({ min: 1, max: 8 })), sample => {
        expect(makespan(sample, 'dag')).toBeLessThanOrEqual(bound(sample));
      }),
      { numRuns: 300 },
    );
  });

  // Which tasks are long, nobody knows before; a barrier may by luck let a long one begin earlier (Graham's anomalies).
  test('with fewer slots is faster in the mean, and slower in less than one plan of a hundred, by little', () => {
    const drawn = fc.sample(samples(fc.integer({ min: 2, max: 8 })), { seed: 7, numRuns: 1000 });
    const ratios = drawn.map(sample => makespan(sample, 'dag') / makespan(sample, 'waves'));
    const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
    expect(mean).toBeLessThan(0.85);
    expect(ratios.filter(ratio => ratio > 1).length).toBeLessThan(10);
    expect(Math.max(...ratios)).toBeLessThan(1.15);
  });

  test('the smallest plan where the barrier is luckier: the longest task begins before one that was as good as it', () => {
    const times = (task: string): number => ({ t0: 2, t1: 1, t2: 2, t3: 1, t4: 3 })[task] ?? 0;
    // t2 and t4 are each the end of a chain of two; only their times could tell that t4 should not wait for t2 and t3.
    const free = aPlan(
      [{ id: 't0' }, { id: 't1' }, { id: 't2', needs: ['t1'] }, { id: 't3' }, { id: 't4', needs: ['t0'] }],
      { maxParallel: 2 },
    );
    const waves: Plan = { ...free, settings: { ...free.settings, schedule: 'waves' } };
    expect([play(free, times).makespanMs, play(waves, times).makespanMs]).toEqual([6, 5]);
    const told: Plan = {
      ...free,
      tasks: free.tasks.map(task => ({ ...task, estimateMs: times(task.id) })),
    };
    expect(play(told, times).makespanMs).toBe(5);
  });
});
