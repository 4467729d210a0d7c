import type { TaskId } from '../../bus-schema/ids.js';
import { wavesOf, type Ordered } from './waves.js';

export interface Waved extends Ordered {
  readonly wave?: number | undefined;
}

/** A task that would wait for ever: what it depends on runs in a later wave. */
export interface TooLate<T> {
  readonly task: T;
  /** From 0. */
  readonly wave: number;
  readonly dependency: T;
  readonly dependencyWave: number;
}

/**
 * Tasks in the order that numbered waves give them: wave by wave, and within each by what they depend on there. Where no
 * task has a number, dependencies alone decide.
 */
export function stagesOf(tasks: readonly Waved[]): TaskId[][] {
  if (tasks.every(({ wave }) => wave === undefined)) return wavesOf(tasks);
  const waveOf = waveReader(tasks);
  const byWave = new Map<number, Waved[]>();
  for (const task of tasks) {
    const wave = byWave.get(waveOf(task));
    if (wave === undefined) byWave.set(waveOf(task), [task]);
    else wave.push(task);
  }
  return [...byWave]
    .sort(([a], [b]) => a - b)
    .flatMap(([, members]) => {
      const inside = new Set(members.map(({ id }) => id));
      return wavesOf(
        members.map(({ id, dependsOn }) => ({ id, dependsOn: dependsOn.filter(it => inside.has(it)) })),
      );
    });
}

/** The number of a task, or the first wave behind all it depends on. */
function waveReader(tasks: readonly Waved[]): (task: Waved) => number {
  const levels = new Map(
    wavesOf(tasks).flatMap((ids, level) => ids.map((id): [TaskId, number] => [id, level])),
  );
  return ({ id, wave }) => wave ?? levels.get(id) ?? 0;
}

/** Tasks whose waves contradict their dependencies. Without a number, a task's level is its wave. */
export function tooLate<T extends Waved>(tasks: readonly T[]): TooLate<T>[] {
  const waveOf = waveReader(tasks);
  const byId = new Map(tasks.map(task => [task.id, task]));
  return tasks.flatMap(task =>
    task.dependsOn.flatMap(id => {
      const dependency = byId.get(id);
      if (dependency === undefined) return [];
      const [wave, dependencyWave] = [waveOf(task), waveOf(dependency)];
      return dependencyWave > wave ? [{ task, wave, dependency, dependencyWave }] : [];
    }),
  );
}
