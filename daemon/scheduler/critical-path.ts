import type { Task } from '../../bus-schema/plan.js';

/**
 * For each task, by its place in the plan, the length in milliseconds of the longest chain that it begins: what must
 * still pass after it starts. Tasks of which nothing is known count as the median of those of which something is, or, when
 * there is none, all alike, so that the count of tasks in the chain decides. The plan has no cycle.
 */
export function remainingPaths(tasks: readonly Task[], dependents: readonly (readonly number[])[]): number[] {
  const unit = typicalMs(tasks);
  const open = tasks.map((_, ordinal) => dependents[ordinal]?.length ?? 0);
  const byId = new Map(tasks.map((task, ordinal) => [task.id, ordinal]));
  const tails = new Array<number>(tasks.length).fill(0);
  const lengths = new Array<number>(tasks.length).fill(0);
  const settled = open.flatMap((count, ordinal) => (count === 0 ? [ordinal] : []));
  for (let ordinal = settled.pop(); ordinal !== undefined; ordinal = settled.pop()) {
    const task = tasks[ordinal];
    if (task === undefined) continue;
    const length = (tails[ordinal] ?? 0) + (task.done ? 0 : (knownMs(task) ?? unit));
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

/** Its plan's word counts more than what was learned. */
const knownMs = ({ estimateMs, expectedMs }: Task): number | undefined => estimateMs ?? expectedMs;

function typicalMs(tasks: readonly Task[]): number {
  const known = tasks
    .map(knownMs)
    .filter(ms => ms !== undefined)
    .sort((a, b) => a - b);
  return known[known.length >> 1] ?? 1;
}
