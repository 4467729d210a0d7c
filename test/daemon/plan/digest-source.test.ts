import { expect, test } from '@jest/globals';
import { workOf } from '../../../daemon/plan/digest-source.js';
import { resolvePlan } from '../../../daemon/plan/resolve.js';
import { native, valueOf } from './said.js';

const work = (yaml: string, maxParallel = 5): string =>
  workOf(valueOf(resolvePlan(native(yaml), { maxParallel }, {})));
const PLAN =
  'name: n\ntasks: [{id: a, command: x, env: {A: "1", B: "2"}}, {id: b, command: y, depends_on: [a]}]';

test('it is the same however the plan is written, and for any parallelism', () => {
  const rewritten =
    'tasks:\n  - {command: x, env: {B: "2", A: "1"}, id: a}\n  - {depends_on: [a], id: b, command: y}\nname: n';
  expect(work(rewritten, 9)).toBe(work(PLAN));
});

test('done tasks make no difference', () => {
  const plan = valueOf(resolvePlan(native(PLAN), {}, {}));
  const later = { ...plan, tasks: plan.tasks.map(task => ({ ...task, done: true })) };
  expect(workOf(later)).toBe(workOf(plan));
});

test.each([
  ['a command', PLAN.replace('command: y', 'command: z')],
  ['a dependency', PLAN.replace(', depends_on: [a]', '')],
  ['a variable', PLAN.replace('"2"', '"3"')],
  ['the name', PLAN.replace('name: n', 'name: m')],
])('%s does', (_name, other) => {
  expect(work(other)).not.toBe(work(PLAN));
});
