import type { Plan } from '../../../bus-schema/plan.js';
import { SchedulerRig } from './rig.js';

/** How a simulated run went, in simulated milliseconds. */
export interface Played {
  /** From the submission to the end of the last task. */
  readonly makespanMs: number;
  /** Most tasks at once. */
  readonly peak: number;
}

/**
 * Plays a plan to its end on the real scheduler: every task takes as long as it is said to, succeeds, and nothing else takes
 * any time. For comparing policies: the same plan and times with other settings.
 * @param slots attempts at once, over whatever the plan itself allows.
 */
export function play(plan: Plan, durationOf: (task: string) => number, slots = Infinity): Played {
  const rig = new SchedulerRig(Math.min(slots, plan.tasks.length + 1));
  const began = rig.at;
  const ends = new Map<string, number>();
  let peak = 0;
  rig.submit(plan);
  for (;;) {
    for (const task of rig.running) if (!ends.has(task)) ends.set(task, rig.at + durationOf(task));
    peak = Math.max(peak, ends.size);
    const [next] = [...ends].sort(([, a], [, b]) => a - b);
    if (next === undefined) break;
    const [task, at] = next;
    ends.delete(task);
    rig.at = at;
    rig.complete(task);
  }
  if (rig.state.active.size > 0) throw new Error('the run has not ended, and nothing runs');
  return { makespanMs: rig.at - began, peak };
}

/** The longest chain of dependencies: no policy is faster. */
export function criticalMs(plan: Plan, durationOf: (task: string) => number): number {
  const ends = new Map<string, number>();
  const byId = new Map(plan.tasks.map(task => [String(task.id), task]));
  const endOf = (id: string): number => {
    const known = ends.get(id);
    if (known !== undefined) return known;
    const before = (byId.get(id)?.dependsOn ?? []).map(endOf);
    const end = Math.max(0, ...before) + durationOf(id);
    ends.set(id, end);
    return end;
  };
  return Math.max(0, ...plan.tasks.map(task => endOf(task.id)));
}
