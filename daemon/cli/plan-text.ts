import { formatDuration } from '../../bus-schema/duration.js';
import type { Plan } from '../../bus-schema/plan.js';
import { printable } from '../../bus-schema/printable.js';
import type { PlanOutline, SharedLock } from './plan-outline.js';

/** So many lines of a kind; the rest is counted. JSON has them all. */
const MOST_LISTED = 40;
/** Ids in a line. */
const MOST_NAMED = 20;

/** A plan for a person: what it holds, in which order it can run, and what keeps tasks from running at once. */
export function planText(plan: Plan, outline: PlanOutline): string {
  return [
    ...head(plan),
    '',
    ...section('waves', wavesIn(outline)),
    ...section('critical path', [pathIn(outline)]),
    ...section('locks', locksIn(outline)),
    ...section(
      'groups',
      plan.groups.map(
        ({ id, tasks, conflictFree }) =>
          `${printable(id, 40)}: ${named(tasks)}${conflictFree ? ' (conflict-free)' : ''}`,
      ),
    ),
    ...section(
      'limits',
      Object.entries(plan.limits).map(([type, most]) => `${printable(type, 40)}: ${most} at once`),
    ),
  ]
    .map(line => `${line}\n`)
    .join('')
    .replace(/\n+$/, '\n');
}

function head({ name, track, format, source, tasks, settings, tick }: Plan): string[] {
  const done = tasks.filter(task => task.done).length;
  const what = [
    `${tasks.length} ${tasks.length === 1 ? 'task' : 'tasks'}`,
    ...(done > 0 ? [`${done} of them done before`] : []),
    `at most ${settings.maxParallel} at once`,
    `schedule ${settings.schedule}`,
    `on failure ${settings.onFailure}`,
  ];
  const from = source === undefined ? 'standard input' : printable(source, 300);
  const about = track === undefined ? `${format} format` : `${format} format, track ${printable(track, 60)}`;
  return [
    `plan ${printable(name, 100)}: ${what.join(', ')}`,
    `from ${from} (${about}${tick ? '; finished tasks are ticked in it' : ''})`,
    `runs ${workIn(tasks)}`,
    `each for at most ${rangeOf(
      tasks.map(task => task.timeoutMs),
      formatDuration,
    )}, with ${rangeOf(
      tasks.map(task => task.retries),
      String,
    )} retries`,
  ];
}

function workIn(tasks: Plan['tasks']): string {
  const counts = new Map<string, number>();
  for (const { work, done } of tasks) {
    if (done) continue;
    const kind = work.kind === 'shell' ? 'shell commands' : `agent ${printable(work.agent, 40)}`;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts.size === 0 ? 'nothing' : [...counts].map(([kind, count]) => `${count} × ${kind}`).join(', ');
}

function rangeOf(values: readonly number[], format: (value: number) => string): string {
  const [least, most] = values.reduce(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Infinity, 0],
  );
  if (values.length === 0) return format(0);
  return least === most ? format(most) : `${format(least)} to ${format(most)}`;
}

function wavesIn({ waves }: PlanOutline): string[] {
  return waves.map((ids, index) => `${index + 1}: ${named(ids)}`);
}

function pathIn({ criticalPath: { path, ms } }: PlanOutline): string {
  if (path.length === 0) return 'nothing is left to do';
  const shown = path.length <= MOST_NAMED ? path : [...path.slice(0, MOST_NAMED), `… (${path.length} tasks)`];
  return `${shown.join(' → ')}${ms === undefined ? '' : ` (${formatDuration(ms)})`}`;
}

/** Only what keeps tasks apart; a path that one task has for itself is counted. */
function locksIn({ locks }: PlanOutline): string[] {
  const shared = locks.filter(({ tasks, overlaps }) => tasks.length > 1 || overlaps.length > 0);
  const alone = locks.length - shared.length;
  return [
    ...shared.map(lockLine),
    ...(alone > 0 ? [`${alone} more ${alone === 1 ? 'path' : 'paths'}, each of one task alone`] : []),
  ];
}

function lockLine({ path, tasks, overlaps }: SharedLock): string {
  const who = named(tasks.map(({ id, access }) => (access === 'read' ? `${id} (reads)` : id)));
  const also =
    overlaps.length === 0 ? '' : `; overlaps ${named(overlaps.map(other => printable(other, 60)))}`;
  return `${printable(path, 100)}: ${who}${also}`;
}

function section(title: string, lines: readonly string[]): string[] {
  if (lines.length === 0 || lines.every(line => line === '')) return [];
  const rest = lines.length - MOST_LISTED;
  const shown = lines.slice(0, MOST_LISTED).map(line => `  ${line}`);
  return [`${title}:`, ...shown, ...(rest > 0 ? [`  and ${rest} more; --json has all of them`] : []), ''];
}

function named(ids: readonly string[]): string {
  const rest = ids.length - MOST_NAMED;
  return `${ids.slice(0, MOST_NAMED).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
