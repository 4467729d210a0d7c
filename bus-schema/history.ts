import { z } from 'zod';
import { runIdSchema } from './ids.js';
import type { Plan, Task } from './plan.js';

/** Milliseconds, the latest last. */
const durations = z.array(z.int().nonnegative()).min(1);

/** `history.json`: how long tasks took, in earlier runs; for the order of later ones, and for nothing else. */
export const historySchema = z.strictObject({
  version: z.literal(1),
  /** Runs that have been learned from, the latest last: none counts twice. */
  runs: z.array(runIdSchema),
  /** By plan and task. */
  tasks: z.record(z.string(), durations),
  /** By agent and type of task. */
  kinds: z.record(z.string(), durations),
});
export type History = z.infer<typeof historySchema>;

export const NO_HISTORY: History = { version: 1, runs: [], tasks: {}, kinds: {} };

/** A plan is known again by its track or name, and a task by its id in it. */
export const taskKey = ({ track, name }: Pick<Plan, 'track' | 'name'>, id: string): string =>
  `${track ?? name}/${id}`;

/** Undefined for shell commands without a type: what they have in common says nothing of how long they take. */
export function kindKey({ work, asked, type }: Pick<Task, 'work' | 'asked' | 'type'>): string | undefined {
  const agent = work.kind === 'agent' ? (asked?.agent ?? work.agent) : undefined;
  return agent === undefined && type === undefined ? undefined : `${agent ?? 'command'}/${type ?? ''}`;
}
