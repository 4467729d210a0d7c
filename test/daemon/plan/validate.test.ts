import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { validateTasks } from '../../../daemon/plan/validate.js';
import { complaints } from './said.js';

const list = (...tasks: string[]): string => `tasks:\n${tasks.map(task => `  - ${task}\n`).join('')}`;

describe('ids', () => {
  test.each(['../x', '', 'a b', '-a', '.hidden', 'a/b', 'é', 'x'.repeat(300)])(
    '"%s" is refused with the rule',
    id => {
      const [first = '', ...more] = complaints(list(`{id: "${id}"}`));
      expect(more).toEqual([]);
      expect(first).toMatch(/^p\.yaml:3:10: error: ".*" is no task id\. An id is 1 to 100 letters, digits/);
      expect(first.length).toBeLessThan(250);
    },
  );

  test('used twice: both places, and the rest of the file goes on being read', () => {
    expect(complaints(list('{id: a}', '{id: b, depends_on: [a]}', '{id: a, command: 3}'))).toEqual([
      'p.yaml:3:10: error: task id a is used more than once: first here.',
      'p.yaml:5:10: error: task id a is used more than once: again here. Give each task an id of its own.',
      'p.yaml:5:22: error: task a: command must be text, not the number 3. Quote it: "3".',
    ]);
  });

  test('that differ in case only', () => {
    expect(complaints(list('{id: Build}', '{id: build}'))).toEqual([
      'p.yaml:4:10: error: task ids Build and build differ in case only. Give each task an id of its own; some file systems take these two for one.',
    ]);
  });
});

describe('dependencies', () => {
  test('unknown, with what may have been meant', () => {
    expect(complaints(list('{id: compile}', '{id: b, depends_on: [compil, zzz]}'))).toEqual([
      'p.yaml:4:26: error: task b depends on "compil", which is not in the plan. Did you mean compile?',
      'p.yaml:4:34: error: task b depends on "zzz", which is not in the plan.',
    ]);
  });

  test('on itself', () => {
    expect(complaints(list('{id: a, depends_on: [a]}'))).toEqual([
      'p.yaml:3:26: error: task a depends on itself. Take it out of depends_on.',
    ]);
  });

  test('in circles, each told once', () => {
    const tasks = ['{id: a, depends_on: [b]}', '{id: b, depends_on: [c]}', '{id: c, depends_on: [x, a]}'];
    expect(
      complaints(
        list(...tasks, '{id: x, depends_on: [y]}', '{id: y, depends_on: [x]}', '{id: z, depends_on: [a]}'),
      ),
    ).toEqual([
      'p.yaml:3:26: error: tasks depend on each other in a circle: a → b → c → a. Take one of these dependencies out.',
      'p.yaml:6:26: error: tasks depend on each other in a circle: x → y → x. Take one of these dependencies out.',
    ]);
  });

  test('in a circle of very many tasks', () => {
    const count = 100_000;
    const drafts = Array.from({ length: count }, (_, i) => ({
      path: ['tasks', i],
      id: `t${i}`,
      dependsOn: [`t${(i + 1) % count}`],
    }));
    const [circle, ...more] = validateTasks(drafts, ['tasks']);
    expect(more).toEqual([]);
    expect(circle?.message).toContain('t0 → t1 → t2');
    expect(circle?.message).toContain('(99981 more)');
    expect(circle?.message.endsWith('→ t99999 → t0')).toBe(true);
  });
});

const graphs = fc
  .integer({ min: 1, max: 8 })
  .chain(count =>
    fc.array(fc.uniqueArray(fc.nat(count - 1), { maxLength: 3 }), { minLength: count, maxLength: count }),
  );

test('a circle is found exactly when there is one, and every circle told is one', () => {
  fc.assert(
    fc.property(graphs, next => {
      const drafts = next.map((to, i) => ({ path: [i], id: `t${i}`, dependsOn: to.map(j => `t${j}`) }));
      const problems = validateTasks(drafts, []);
      expect(problems.length > 0).toBe(next.some((_, start) => leadsTo(next, start, start, 0)));
      for (const { message } of problems) {
        const circle =
          message
            .split(': ')[1]
            ?.split(' → ')
            .map(id => Number(id.slice(1))) ?? [];
        for (const [i, node] of circle.slice(0, -1).entries()) expect(next[node]).toContain(circle[i + 1]);
      }
    }),
  );
});

/** The slow and plain way. */
function leadsTo(next: readonly number[][], from: number, goal: number, steps: number): boolean {
  if (steps > next.length) return false;
  return (next[from] ?? []).some(to => to === goal || leadsTo(next, to, goal, steps + 1));
}
