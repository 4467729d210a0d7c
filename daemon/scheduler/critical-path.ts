import type { Task } from '../../bus-schema/plan.js';

/**
 * For each task, by its place in the plan, the length in milliseconds of the longest chain that it begins: what must
 * still pass after it starts. Tasks without an estimate count as the median of those that have one, or, when none has,
 * all alike, so that the count of tasks in the chain decides. The plan has no cycle.
 */
export function remainingPaths(tasks: readonly Task[], dependents: readonly (readonly number[])[]): number[] {
  const unit = typicalEstimate(tasks);
  const open = tasks.map((_, ordinal) => dependents[ordinal]?.length ?? 0);
  const byId = new Map(tasks.map((task, ordinal) => [task.id, ordinal]));
  const tails = new Array<number>(tasks.length).fill(0);
  const lengths = new Array<number>(tasks.length).fill(0);
  const settled = open.flatMap((count, ordinal) => (count === 0 ? [ordinal] : []));
  for (let ordinal = settled.pop(); ordinal !== undefined; ordinal = settled.pop()) {
    const task = tasks[ordinal];
    if (task === undefined) continue;
    const length = (tails[ordinal] ?? 0) + (task.done ? 0 : (task.estimateMs ?? unit));
    lengths[ordinal] = length;
    for (const id of task.dependsOn) {
      const dependency = byId.get(id);
      if (dependency === undefined) continue;
      tails[dependency] = Math.max(tails[dependency] ?? 0, length);
      const left = (open[dependency] ?? 0) - 1;
      open[dependency] = left;
      if (left === 0) settled.push(dependency);
    }
  }
  return lengths;
}

function typicalEstimate(tasks: readonly Task[]): number {
  const known = tasks
    .flatMap(task => (task.estimateMs === undefined ? [] : [task.estimateMs]))
    .sort((a, b) => a - b);
  return known[known.length >> 1] ?? 1;
}
