import type { TaskId } from '../../bus-schema/ids.js';
import type { Plan } from '../../bus-schema/plan.js';
import { overlaps, type RepoPath } from '../../bus-schema/repo-path.js';
import { stagesOf } from '../plan/wave-order.js';
import { criticalPathOf, wavesOf, type CriticalPath } from '../plan/waves.js';

/** A path that tasks lock, and the tasks that cannot run at once because of it. */
export interface SharedLock {
  readonly path: RepoPath;
  readonly tasks: readonly { readonly id: TaskId; readonly access: 'write' | 'read' }[];
  /** Other paths of the plan that may mean the same file. */
  readonly overlaps: readonly RepoPath[];
}

/** What a plan amounts to. */
export interface PlanOutline {
  /** Tasks that are still to be done, by the earliest moment they could start. */
  readonly waves: readonly TaskId[][];
  readonly criticalPath: CriticalPath;
  readonly locks: readonly SharedLock[];
}

/** Each pair of paths is compared; beyond this only equal ones are found. */
const MOST_COMPARED = 1000;

export function outlineOf(plan: Plan): PlanOutline {
  const done = new Set(plan.tasks.filter(task => task.done).map(task => task.id));
  const open = plan.tasks
    .filter(task => !task.done)
    .map(({ id, wave, dependsOn }) => ({
      id,
      wave,
      dependsOn: dependsOn.filter(before => !done.has(before)),
    }));
  const waves = plan.settings.schedule === 'waves' ? stagesOf(open) : wavesOf(open);
  return { waves, criticalPath: criticalPathOf(plan.tasks), locks: locksOf(plan) };
}

function locksOf(plan: Plan): SharedLock[] {
  const users = new Map<RepoPath, { id: TaskId; access: 'write' | 'read' }[]>();
  for (const { id, access, files, done } of plan.tasks) {
    if (done) continue;
    for (const path of files) {
      const list = users.get(path);
      if (list === undefined) users.set(path, [{ id, access }]);
      else list.push({ id, access });
    }
  }
  const paths = [...users.keys()];
  return [...users].map(([path, tasks]) => ({
    path,
    tasks,
    overlaps:
      paths.length > MOST_COMPARED ? [] : paths.filter(other => other !== path && overlaps(path, other)),
  }));
}
