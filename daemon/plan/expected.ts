import { kindKey, taskKey, type History } from '../../bus-schema/history.js';
import type { Plan, Task } from '../../bus-schema/plan.js';

/** The plan with what its tasks are expected to take, from what they or their like took before. */
export function withExpectations(plan: Plan, history: History): Plan {
  const kinds = new Map(Object.entries(history.kinds).map(([kind, durations]) => [kind, median(durations)]));
  const tasks = plan.tasks.map((task): Task => {
    if (task.estimateMs !== undefined) return task;
    const own = history.tasks[taskKey(plan, task.id)];
    const expectedMs = own === undefined ? kinds.get(kindKey(task) ?? '') : median(own);
    return expectedMs === undefined ? task : { ...task, expectedMs };
  });
  return { ...plan, tasks };
}

/** An attempt that hung, or did nothing, does not move it. */
function median(durations: readonly number[]): number {
  return [...durations].sort((a, b) => a - b)[durations.length >> 1] ?? 0;
}
