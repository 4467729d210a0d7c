import { expect, test } from '@jest/globals';
import { preparationName, preparationPlan } from '../../../daemon/cli/preparation-plan.js';
import { readPlan } from '../../../daemon/plan/read.js';

const RUN = {
  folder: '/repo/.tmp/it\'s "odd"/parallel-session',
  taskFile: '/repo/.tmp/it\'s "odd"/tasks.md',
};

function read(agents: Parameters<typeof preparationPlan>[1]): object[] {
  const plan = readPlan({ text: preparationPlan(RUN, agents), file: '-' });
  if (!plan.ok) throw new Error(JSON.stringify(plan.error));
  expect(plan.value.warnings).toEqual([]);
  return plan.value.plan.tasks;
}

test('is named after the folder of the tasks file', () => {
  expect(preparationName(RUN)).toBe('it\'s "odd"-preparation');
});

test('has the task manager after the scout, each with its agent and what it must have written', () => {
  expect(read({ scout: 'looker', task_manager: 'sorter' })).toMatchObject([
    {
      id: 'scout',
      work: { agent: 'looker' },
      accept: `test -s '/repo/.tmp/it'\\''s "odd"/parallel-session/context.json'`,
    },
    { id: 'task-manager', work: { agent: 'sorter' }, dependsOn: ['scout'] },
  ]);
});

test('has one task where one is asked for', () => {
  expect(read({ scout: 'looker' })).toMatchObject([{ id: 'scout' }]);
  expect(read({ task_manager: 'sorter' })).toMatchObject([{ id: 'task-manager', dependsOn: [] }]);
});

test('tells each what to read and what to write', () => {
  const [scout, grouper] = read({ scout: 'a', task_manager: 'b' });
  expect(scout).toHaveProperty('work.prompt', expect.stringContaining(`write ${RUN.folder}/context.json`));
  expect(grouper).toHaveProperty('work.prompt', expect.stringContaining(`Read the tasks in ${RUN.taskFile}`));
  expect(grouper).toHaveProperty(
    'work.prompt',
    expect.stringContaining(`write ${RUN.folder}/execution-plan.json`),
  );
});
