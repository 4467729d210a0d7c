import type { AskedTask, Priority } from '../../bus-schema/plan.js';
import { wavesOf } from './waves.js';

/** A task, and the wave of the file that it stands in, if any. */
export interface Placed {
  readonly task: AskedTask;
  readonly section: number | undefined;
}

/** A task that runs earlier than its author put it, since another needs it. */
export interface Raised {
  readonly task: AskedTask;
  readonly by: AskedTask;
  readonly what: 'priority' | 'wave';
}

/**
 * Gives tasks their waves: a wave of the file before the next, and in it the more urgent before the less. What a task
 * depends on is as urgent as it, and as early: it could not wait for less urgent ones.
 */
export function placeInWaves(placed: readonly Placed[]): { tasks: AskedTask[]; raised: Raised[] } {
  const spots = new Map(
    placed.map(({ task, section }) => [
      task.id,
      { task, priority: task.priority, section: section ?? Infinity },
    ]),
  );
  const raised = new Map<string, Raised>();
  // The last to raise a task is the one it has its place from.
  const note = (task: AskedTask, by: AskedTask, what: Raised['what']): void => {
    raised.set(`${what} ${task.id}`, { task, by, what });
  };
  const behind = wavesOf(placed.map(({ task }) => task)).flat();
  for (const id of behind.reverse()) {
    const spot = spots.get(id);
    for (const dependency of spot?.task.dependsOn ?? []) {
      const before = spots.get(dependency);
      if (spot === undefined || before === undefined) continue;
      if (before.section > spot.section) {
        before.section = spot.section;
        note(before.task, spot.task, 'wave');
      }
      if (before.priority > spot.priority) {
        before.priority = spot.priority;
        note(before.task, spot.task, 'priority');
      }
    }
  }
  const ranks = ranksOf([...spots.values()]);
  const tasks = placed.map(({ task }) => {
    const { priority, section } = spots.get(task.id) ?? { priority: task.priority, section: Infinity };
    return { ...task, priority, wave: ranks.get(keyOf(section, priority)) ?? 0 };
  });
  return { tasks, raised: [...raised.values()] };
}

const keyOf = (section: number, priority: Priority): string => `${section} ${priority}`;

function ranksOf(spots: readonly { section: number; priority: Priority }[]): Map<string, number> {
  const order = [...spots].sort((a, b) => compare(a.section, b.section) || a.priority - b.priority);
  return new Map(
    [...new Set(order.map(spot => keyOf(spot.section, spot.priority)))].map((key, rank) => [key, rank]),
  );
}

/** Both may be endless. */
const compare = (a: number, b: number): number => (a === b ? 0 : a < b ? -1 : 1);
