import type { Plan } from '../../bus-schema/plan.js';

/**
 * What a plan does, as text that is equal for equal plans: keys in one order, and without what changes while a run goes
 * on (which tasks are done, what they are expected to take) or may be asked for differently when it is continued (how many
 * at once, where it came from).
 */
export function workOf({ format, name, track, limits, tasks }: Plan): string {
  return JSON.stringify(
    {
      format,
      name,
      track,
      limits,
      tasks: tasks.map(task => ({ ...task, done: undefined, expectedMs: undefined })),
    },
    sorted,
  );
}

function sorted(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
