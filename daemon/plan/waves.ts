import type { TaskId } from '../../bus-schema/ids.js';

/** As much of a task as its order depends on. */
export interface Ordered {
  readonly id: TaskId;
  readonly dependsOn: readonly TaskId[];
}

export interface Estimated extends Ordered {
  readonly estimateMs?: number | undefined;
  readonly done?: boolean;
}

export interface CriticalPath {
  /** From the first task to the last; done ones are left out. */
  readonly path: TaskId[];
  /** Undefined where no task has an estimate. */
  readonly ms: number | undefined;
}

/**
 * Tasks by level: all that a task depends on stands in earlier waves, and at least one of it in the wave before. Within
 * a wave the plan's order is kept. For plans without circles.
 */
export function wavesOf(tasks: readonly Ordered[]): TaskId[][] {
  const levels = new Map<TaskId, number>();
  const dependencies = new Map(tasks.map(task => [task.id, task.dependsOn]));
  for (const { id, dependsOn } of inOrder(tasks)) {
    levels.set(id, 1 + dependsOn.reduce((most, before) => Math.max(most, levels.get(before) ?? -1), -1));
  }
  const waves: TaskId[][] = [];
  for (const id of dependencies.keys()) (waves[levels.get(id) ?? 0] ??= []).push(id);
  return waves;
}

/**
 * The chain of dependencies that takes longest. A task without an estimate counts as the middle one of the estimates;
 * where there is none at all, every task counts alike.
 */
export function criticalPathOf(tasks: readonly Estimated[]): CriticalPath {
  const known = tasks.flatMap(({ estimateMs }) => estimateMs ?? []).sort((a, b) => a - b);
  const usual = known[Math.floor(known.length / 2)] ?? 1;
  const longest = new Map<TaskId, { ms: number; before: TaskId | undefined; done: boolean }>();
  let last: TaskId | undefined;
  for (const { id, dependsOn, estimateMs, done = false } of inOrder(tasks)) {
    let ms = 0;
    let before: TaskId | undefined;
    for (const dependency of dependsOn) {
      const way = longest.get(dependency);
      if (way !== undefined && (before === undefined || way.ms > ms)) [ms, before] = [way.ms, dependency];
    }
    ms += done ? 0 : (estimateMs ?? usual);
    longest.set(id, { ms, before, done });
    if (last === undefined || ms > (longest.get(last)?.ms ?? 0)) last = id;
  }
  const total = last === undefined ? undefined : longest.get(last)?.ms;
  const path: TaskId[] = [];
  for (let id = last; id !== undefined; id = longest.get(id)?.before) {
    if (longest.get(id)?.done === false) path.push(id);
  }
  return { path: path.reverse(), ms: known.length === 0 ? undefined : total };
}

/** Every task behind all it depends on. */
function inOrder<T extends Ordered>(tasks: readonly T[]): T[] {
  const unfinished = new Map(tasks.map(task => [task.id, task.dependsOn.length]));
  const dependents = new Map<TaskId, T[]>(tasks.map(task => [task.id, []]));
  for (const task of tasks) for (const before of task.dependsOn) dependents.get(before)?.push(task);
  const order = tasks.filter(task => task.dependsOn.length === 0);
  // The list grows while it is gone through.
  for (const { id } of order) {
    for (const task of dependents.get(id) ?? []) {
      const left = (unfinished.get(task.id) ?? 0) - 1;
      unfinished.set(task.id, left);
      if (left === 0) order.push(task);
    }
  }
  if (order.length < tasks.length)
    throw new Error('Internal error: a plan with a circle or an unknown dependency was put in order');
  return order;
}
