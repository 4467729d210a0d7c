import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { TaskId } from '../../../bus-schema/ids.js';
import { overlaps, type RepoPath } from '../../../bus-schema/repo-path.js';
import { LARGEST_GROUP, taskGroups, type Groupable } from '../../../daemon/plan/task-groups.js';

interface Sketch {
  readonly on?: string;
  readonly files?: string;
  readonly wave?: number;
  readonly access?: 'read' | 'write';
}

const list = (text = ''): string[] => text.split(' ').filter(word => word !== '');

const task = (id: string, { on, files, wave = 0, access = 'write' }: Sketch = {}): Groupable => ({
  ...{ id: id as TaskId, wave, access },
  dependsOn: list(on) as TaskId[],
  files: list(files) as RepoPath[],
});

const told = (...tasks: Groupable[]): string[] =>
  taskGroups(tasks).map(({ id, tasks: ids }) => `${id}: ${ids.join(' ')}`);
const many = (count: number): Groupable[] =>
  Array.from({ length: count }, (_, index) => task(`t${index + 1}`));

describe('groups of tasks', () => {
  test('hold five at most', () => {
    expect(told(...many(5))).toEqual(['G1: t1 t2 t3 t4 t5']);
    expect(told(...many(7))).toEqual(['G1: t1 t2 t3 t4 t5', 'G2: t6 t7']);
  });

  test('leave nobody alone who can have company', () => {
    expect(told(...many(6))).toEqual(['G1: t1 t2 t3 t4', 'G2: t6 t5']);
    // b1 is alone only until the next group, which nothing keeps it from.
    expect(
      told(
        task('a'),
        task('b', { on: 'a', files: 'x' }),
        task('c', { on: 'a', files: 'x' }),
        task('d', { on: 'c' }),
      ),
    ).toEqual([...['G1: a', 'G2: b', 'G3: c', 'G4: d'].slice(0, 2), ...['G3: c', 'G4: d']]);
  });

  test('do not hold what depends on each other', () => {
    expect(told(task('c', { on: 'b' }), task('b', { on: 'a' }), task('a'))).toEqual([
      'G1: a',
      'G2: b',
      'G3: c',
    ]);
  });

  test('do not hold tasks with a common file, unless all only read it', () => {
    expect(told(task('a', { files: 'x' }), task('b', { files: 'x/y' }), task('c', { files: 'z' }))).toEqual([
      ...['G1: a c', 'G2: b'],
    ]);
    expect(
      told(
        task('a', { files: 'x', access: 'read' }),
        task('b', { files: 'x', access: 'read' }),
        task('c', { files: 'x' }),
      ),
    ).toEqual(['G1: a b', 'G2: c']);
  });

  test('never cross a priority', () => {
    expect(told(task('a', { wave: 1 }), task('b'), task('c', { wave: 1, on: 'b' }))).toEqual([
      'G1: b',
      'G2: a c',
    ]);
  });
});

test('whatever the tasks, each is in one group, behind all it depends on, and beside nothing it conflicts with', () => {
  const tasks = fc
    .array(
      fc.record({
        needs: fc.array(fc.nat(40), { maxLength: 3 }),
        files: fc.subarray(['a', 'b', 'c/d', 'c']),
        wave: fc.nat(2),
        access: fc.constantFrom<'read' | 'write'>('read', 'write'),
      }),
      { maxLength: 25 },
    )
    .map(sketches =>
      sketches.map(({ needs, files, wave, access }, index) =>
        task(`t${index}`, {
          ...{ files: files.join(' '), wave, access },
          on: [...new Set(needs)]
            .filter(need => need < index && (sketches[need]?.wave ?? 0) <= wave)
            .map(need => `t${need}`)
            .join(' '),
        }),
      ),
    );
  fc.assert(
    fc.property(tasks, made => {
      const groups = taskGroups(made);
      const place = new Map(groups.flatMap(({ tasks: ids }, index) => ids.map(id => [id, index] as const)));
      expect([...place.keys()].toSorted()).toEqual(made.map(({ id }) => id).toSorted());
      expect(groups.every(({ tasks: ids }) => ids.length > 0 && ids.length <= LARGEST_GROUP)).toBe(true);
      for (const one of made) {
        for (const before of one.dependsOn) expect(place.get(before)).toBeLessThan(place.get(one.id) ?? -1);
        for (const other of made) {
          if (one.id === other.id || place.get(one.id) !== place.get(other.id)) continue;
          expect(one.wave).toBe(other.wave);
          const shared = one.files.some(file => other.files.some(its => overlaps(file, its)));
          expect(shared && (one.access === 'write' || other.access === 'write')).toBe(false);
        }
      }
    }),
    { numRuns: 300 },
  );
});
