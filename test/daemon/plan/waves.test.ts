import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { TaskId } from '../../../bus-schema/ids.js';
import { criticalPathOf, wavesOf, type Estimated } from '../../../daemon/plan/waves.js';

const task = (id: string, dependsOn: string[] = [], estimateMs?: number, done = false): Estimated => ({
  id: id as TaskId,
  dependsOn: dependsOn as TaskId[],
  estimateMs,
  done,
});

const graphs = fc
  .array(fc.array(fc.nat(), { maxLength: 4 }), { minLength: 1, maxLength: 30 })
  .map(raw =>
    raw.map((wanted, i) =>
      task(`t${i}`, i === 0 ? [] : [...new Set(wanted.map(j => `t${j % i}`))], ((i * 7) % 5) + 1),
    ),
  );

describe('waves', () => {
  test('keep the order of the plan', () => {
    expect(wavesOf([task('d', ['a', 'c']), task('a'), task('c', ['b']), task('b')])).toEqual([
      ['a', 'b'],
      ['c'],
      ['d'],
    ]);
    expect(wavesOf([])).toEqual([]);
  });

  test('each task is in one, right behind what it depends on', () => {
    fc.assert(
      fc.property(graphs, tasks => {
        const waves = wavesOf([...tasks].reverse());
        const waveOf = new Map(waves.flatMap((wave, number) => wave.map(id => [id, number] as const)));
        expect(waves.flat()).toHaveLength(tasks.length);
        for (const { id, dependsOn } of tasks) {
          expect(waveOf.get(id)).toBe(
            1 + Math.max(-1, ...dependsOn.map(before => waveOf.get(before) ?? NaN)),
          );
        }
      }),
    );
  });

  test('a chain of 100,000 tasks', () => {
    const chain = Array.from({ length: 100_000 }, (_, i) => task(`t${i}`, i === 0 ? [] : [`t${i - 1}`]));
    expect(wavesOf(chain)).toHaveLength(100_000);
    expect(criticalPathOf(chain).path).toHaveLength(100_000);
  });
});

describe('the critical path', () => {
  test('goes by estimates, not by the number of tasks', () => {
    const tasks = [
      task('a', [], 10),
      task('b', ['a'], 10),
      task('c', ['b'], 10),
      task('x', [], 50),
      task('y', ['x'], 1),
    ];
    expect(criticalPathOf(tasks)).toEqual({ path: ['x', 'y'], ms: 51 });
  });

  test('a task without an estimate counts as the middle one', () => {
    expect(criticalPathOf([task('a', [], 10), task('b', ['a']), task('c', [], 15)])).toEqual({
      path: ['a', 'b'],
      ms: 25,
    });
  });

  test('without estimates it is the longest chain, and its time is not known', () => {
    expect(criticalPathOf([task('a'), task('b', ['a']), task('c')])).toEqual({
      path: ['a', 'b'],
      ms: undefined,
    });
    expect(criticalPathOf([])).toEqual({ path: [], ms: undefined });
  });

  test('what is done takes no time', () => {
    expect(criticalPathOf([task('a', [], 100, true), task('b', ['a'], 5), task('c', [], 7)])).toEqual({
      path: ['c'],
      ms: 7,
    });
    expect(criticalPathOf([task('a', [], 100, true), task('b', ['a'], 5)])).toEqual({ path: ['b'], ms: 5 });
  });

  test('no chain takes longer', () => {
    fc.assert(
      fc.property(graphs, tasks => {
        const byId = new Map(tasks.map(each => [each.id, each]));
        const length = (id: TaskId): number => {
          const { estimateMs = 0, dependsOn = [] } = byId.get(id) ?? {};
          return estimateMs + Math.max(0, ...dependsOn.map(length));
        };
        const small = tasks.slice(0, 12);
        expect(criticalPathOf(small).ms).toBe(Math.max(...small.map(({ id }) => length(id))));
      }),
    );
  });
});
