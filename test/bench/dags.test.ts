import { expect, test } from '@jest/globals';
import {
  chain,
  independent,
  lastOf,
  layered,
  lowerBoundMs,
  SLOTS,
  tailedLayers,
  workflows,
  type Dag,
} from '../../bench/dags.js';
import { problemOf } from '../../bench/verify.js';

const all: readonly Dag[] = [
  independent(20, ':'),
  chain(20, ':'),
  layered(200, ':'),
  tailedLayers(1),
  ...workflows(),
];

test.each(all.map(dag => [dag.name, dag] as const))(
  '%s: steps stand after what they need',
  (_, { steps }) => {
    const seen = new Set<string>();
    for (const { id, deps } of steps) {
      expect(deps.filter(each => !seen.has(each))).toEqual([]);
      expect(new Set(deps).size).toBe(deps.length);
      seen.add(id);
    }
    expect(seen.size).toBe(steps.length);
  },
);

test('the same seed makes the same workload, another seed another', () => {
  expect(tailedLayers(3)).toEqual(tailedLayers(3));
  expect(tailedLayers(3).steps).not.toEqual(tailedLayers(4).steps);
  expect(layered(200, ':')).toEqual(layered(200, ':'));
});

test('a layered workload has its dependencies in layers before, two to four each', () => {
  const layerOf = (id: string): number => Math.floor(Number(id.slice(1)) / 50);
  for (const { id, deps } of layered(300, ':').steps.slice(50)) {
    expect(deps.length).toBeGreaterThanOrEqual(2);
    expect(deps.length).toBeLessThanOrEqual(4);
    for (const each of deps) expect(layerOf(each)).toBeLessThan(layerOf(id));
  }
});

test('the lower bound is the longest way or the shared work, whichever is more', () => {
  const step = (id: string, ms: number, ...deps: readonly string[]) => ({ id, ms, deps, command: ':' });
  expect(lowerBoundMs({ name: 'way', steps: [step('a', 30), step('b', 50, 'a'), step('c', 10)] })).toBe(80);
  const many = Array.from({ length: SLOTS * 4 }, (_, index) => step(`t${index}`, 10));
  expect(lowerBoundMs({ name: 'work', steps: many })).toBe(40);
});

test('the last are those that nothing waits for', () => {
  expect(lastOf(chain(5, ':'))).toEqual(['t4']);
  expect(lastOf(independent(2, ':'))).toEqual(['t0', 't1']);
});

test('a diary shows a task that ran twice, never, or too early', () => {
  const dag = chain(2, ':');
  expect(problemOf(dag, '+ t0\n- t0\n+ t1\n- t1\n')).toBeUndefined();
  expect(problemOf(dag, '+ t0\n+ t1\n- t0\n- t1\n')).toBe('t1 ran before t0 was done');
  expect(problemOf(dag, '+ t0\n- t0\n')).toBe('2 lines of 4 were written');
  expect(problemOf(dag, '+ t0\n- t0\n+ t0\n- t0\n')).toBe('t1 did not run once');
});
