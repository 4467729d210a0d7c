import type { TaskId } from '../../bus-schema/ids.js';
import type { Group } from '../../bus-schema/plan.js';
import { overlaps, type RepoPath } from '../../bus-schema/repo-path.js';

/** As much of a task as its group depends on. */
export interface Groupable {
  readonly id: TaskId;
  readonly dependsOn: readonly TaskId[];
  readonly files: readonly RepoPath[];
  readonly access: 'read' | 'write';
  readonly wave?: number | undefined;
}

export const LARGEST_GROUP = 5;
/** A group looks at so many tasks that could be in it; what does not fit is for a later one. */
const MOST_LOOKED_AT = 100;
/** Pairs of paths, over all groups; two tasks that were not compared are taken to share a file. */
const MOST_COMPARED = 5_000_000;

/**
 * Groups of at most five tasks that can all run at once: none waits for another of its group, none writes what another
 * uses. They follow one another by wave, and within a wave a task stands behind all it depends on. A group of one is
 * given company where its neighbours can spare it.
 */
export function taskGroups(tasks: readonly Groupable[]): Group[] {
  const conflicts = new Conflicts();
  const waves = new Map<number, Groupable[]>();
  for (const task of tasks) {
    const wave = waves.get(task.wave ?? 0);
    if (wave === undefined) waves.set(task.wave ?? 0, [task]);
    else wave.push(task);
  }
  const groups = [...waves]
    .sort(([a], [b]) => a - b)
    .flatMap(([, members]) => groupsOfWave(members, conflicts));
  return groups.map((members, index) => ({
    id: `G${index + 1}`,
    tasks: members.map(({ id }) => id),
    conflictFree: true,
  }));
}

function groupsOfWave(tasks: readonly Groupable[], conflicts: Conflicts): Groupable[][] {
  const own = new Map(tasks.map(task => [task.id, task]));
  const inside = tasks.map((task): Groupable => ({
    ...task,
    dependsOn: task.dependsOn.filter(id => own.has(id)),
  }));
  const dependents = new Map<TaskId, Groupable[]>(inside.map(({ id }) => [id, []]));
  const missing = new Map(inside.map(({ id, dependsOn }) => [id, dependsOn.length]));
  for (const task of inside) for (const id of task.dependsOn) dependents.get(id)?.push(task);
  // It grows while it is gone through.
  const ready = inside.filter(({ dependsOn }) => dependsOn.length === 0);
  let taken = 0;
  let window: Groupable[] = [];
  const groups: Groupable[][] = [];
  for (;;) {
    while (window.length < MOST_LOOKED_AT && taken < ready.length)
      window.push(...ready.slice(taken, ++taken));
    if (window.length === 0) break;
    const group: Groupable[] = [];
    const rest: Groupable[] = [];
    for (const task of window) {
      const fits = group.length < LARGEST_GROUP && !group.some(other => conflicts.between(task, other));
      (fits ? group : rest).push(task);
    }
    groups.push(group);
    window = rest;
    for (const { id } of group) {
      for (const task of dependents.get(id) ?? []) {
        const left = (missing.get(task.id) ?? 0) - 1;
        missing.set(task.id, left);
        if (left === 0) ready.push(task);
      }
    }
  }
  return accompanied(groups, dependents, conflicts);
}

/** Groups of one join the next group, or get a task from the one before, where order and files allow it. */
function accompanied(
  groups: readonly Groupable[][],
  dependents: ReadonlyMap<TaskId, readonly Groupable[]>,
  conflicts: Conflicts,
): Groupable[][] {
  const place = new Map(groups.flatMap((group, index) => group.map(({ id }) => [id, index] as const)));
  /** Whether a task can stand in a later group: what depends on it is behind that one, and its files are free there. */
  const canMove = (task: Groupable, to: number): boolean =>
    (dependents.get(task.id) ?? []).every(({ id }) => (place.get(id) ?? Infinity) > to) &&
    (groups[to] ?? []).every(other => !conflicts.between(task, other));
  const move = (task: Groupable, from: Groupable[], to: number): void => {
    from.splice(from.indexOf(task), 1);
    groups[to]?.push(task);
    place.set(task.id, to);
  };
  for (const [index, group] of groups.entries()) {
    const [single] = group;
    if (single === undefined || group.length !== 1) continue;
    const before = groups[index - 1] ?? [];
    const spare = before.length > 2 ? before.findLast(task => canMove(task, index)) : undefined;
    const after = groups[index + 1];
    if (spare !== undefined) move(spare, before, index);
    else if (after !== undefined && after.length < LARGEST_GROUP && canMove(single, index + 1))
      move(single, group, index + 1);
  }
  return groups.filter(group => group.length > 0);
}

/** Whether two tasks cannot run at once for their files. */
class Conflicts {
  #left = MOST_COMPARED;

  between(a: Groupable, b: Groupable): boolean {
    if (a.access === 'read' && b.access === 'read') return false;
    this.#left -= a.files.length * b.files.length;
    if (this.#left < 0) return true;
    return a.files.some(file => b.files.some(other => overlaps(file, other)));
  }
}
