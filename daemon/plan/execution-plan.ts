import type { Group, Plan, Task } from '../../bus-schema/plan.js';
import { OWN_MARK } from '../../bus-schema/workspace.js';

/** So many sentences, and no more, are said of one thing each. */
const MOST_NAMED = 10;

interface PlannedGroup {
  readonly id: string;
  readonly priority: string;
  readonly parallel: boolean;
  readonly tasks: readonly string[];
  readonly workers_needed: number;
  readonly files_modified: readonly string[];
  readonly estimated_time_seconds: number;
  readonly dependencies_waiting: readonly string[];
  readonly rationale: string;
}

/**
 * A plan's groups as `execution-plan.json` has them, for whoever watches a run. Where a task has no estimate, the longest
 * that it may take stands for it.
 */
export function executionPlan(plan: Plan, generatedAt: string): object {
  const tasks = new Map<string, Task>(plan.tasks.map(task => [task.id, task]));
  const placed = new Set<string>();
  const groups = plan.groups.map((group): PlannedGroup => {
    const planned = plannedGroup(group, tasks, placed, plan.settings.maxParallel);
    for (const id of group.tasks) placed.add(id);
    return planned;
  });
  const total = sum(groups.map(group => group.estimated_time_seconds));
  const alone = sum(plan.tasks.map(secondsOf));
  return {
    generated_at: generatedAt,
    ...OWN_MARK,
    total_tasks: plan.tasks.length,
    total_groups: groups.length,
    groups,
    optimizations_applied: optimizations(plan, groups),
    conflict_map: conflictMap(plan.tasks),
    estimated_total_time: total,
    parallelism_score: total > 0 ? Math.round((alone / total) * 100) / 100 : 1,
  };
}

function plannedGroup(
  { id, tasks: ids }: Group,
  byId: ReadonlyMap<string, Task>,
  before: ReadonlySet<string>,
  maxParallel: number,
): PlannedGroup {
  const tasks = ids.flatMap(task => byId.get(task) ?? []);
  const workers = Math.max(1, Math.min(tasks.length, maxParallel));
  const waiting = new Set(tasks.flatMap(task => task.dependsOn.filter(dependency => before.has(dependency))));
  const priority = `P${tasks.reduce((most, task) => Math.min(most, task.priority), 3)}`;
  return {
    id,
    priority,
    parallel: tasks.length > 1,
    tasks: ids,
    workers_needed: workers,
    files_modified: sorted(tasks.flatMap(task => (task.access === 'read' ? [] : task.files))),
    estimated_time_seconds: timeOf(tasks, workers),
    dependencies_waiting: sorted(waiting),
    rationale: rationaleOf(priority, tasks.length, [...waiting]),
  };
}

/** Each of the workers takes the next task when it is done with one. */
function timeOf(tasks: readonly Task[], workers: number): number {
  const busy = new Array<number>(workers).fill(0);
  for (const seconds of tasks.map(secondsOf).sort((a, b) => b - a)) {
    const first = busy.indexOf(Math.min(...busy));
    busy[first] = (busy[first] ?? 0) + seconds;
  }
  return Math.max(...busy);
}

function rationaleOf(priority: string, count: number, waiting: readonly string[]): string {
  const named = waiting.slice(0, MOST_NAMED).join(', ');
  const more = waiting.length > MOST_NAMED ? ` and ${waiting.length - MOST_NAMED} more` : '';
  const after = waiting.length === 0 ? 'waits for no other task' : `comes after ${named}${more}`;
  const together =
    count === 1 ? 'one task' : `${count} tasks that share no file and do not wait for each other`;
  return `${priority}: ${together}; ${after}`;
}

function optimizations({ tasks, settings }: Plan, groups: readonly PlannedGroup[]): string[] {
  const together = groups.filter(({ parallel }) => parallel).length;
  const priorities = new Set(tasks.map(({ priority }) => priority)).size;
  return [
    ...(priorities > 1 && settings.schedule === 'waves' ? ['more urgent priorities first'] : []),
    ...(together > 0 ? [`${together} of ${groups.length} groups run in parallel`] : []),
    ...(Object.keys(conflictMap(tasks)).length > 0 ? ['tasks that share a file are kept apart'] : []),
  ];
}

/** The files that several tasks name, with these. */
function conflictMap(tasks: readonly Task[]): Record<string, string[]> {
  const users = new Map<string, string[]>();
  for (const { id, files } of tasks) {
    for (const file of files) {
      const known = users.get(file);
      if (known === undefined) users.set(file, [id]);
      else known.push(id);
    }
  }
  return Object.fromEntries([...users].filter(([, ids]) => ids.length > 1));
}

const secondsOf = ({ estimateMs, timeoutMs }: Task): number => Math.ceil((estimateMs ?? timeoutMs) / 1000);

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

const sorted = (texts: Iterable<string>): string[] => [...new Set(texts)].sort();
