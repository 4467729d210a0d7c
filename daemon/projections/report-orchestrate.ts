import { printable } from '../../bus-schema/printable.js';
import type { RunReport } from '../../bus-schema/report.js';
import { shortCause } from './short-cause.js';

type TaskReport = RunReport['tasks'][number];

/** Narrower than that of the status, as in the system that the format comes from. */
const RULE = '═'.repeat(58);
/** Of each kind, so many tasks are named. */
const MOST_NAMED = 20;

/** What a tasks file's run prints at its end: the summary of the system that the format comes from. */
export function orchestrateReport(report: RunReport): string {
  const { counts, tasks, durationMs } = report;
  const before = counts.before > 0 ? ` (${counts.before} of them before)` : '';
  const ends = new Map(tasks.map(task => [task.id, task.end]));
  const endedAs = (end: TaskReport['end']): TaskReport[] => tasks.filter(task => task.end === end);
  const skipped = endedAs('skipped');
  const cancelled = endedAs('cancelled');
  return [
    RULE,
    'EXECUTION SUMMARY',
    RULE,
    `Completed: ${counts.complete + counts.before} of ${counted(counts.total, 'task')}${before}`,
    named('Failed', endedAs('failed'), ({ id, cause }) => `${id}: ${shortCause(cause ?? '')}`),
    ...(skipped.length === 0
      ? []
      : [named('Skipped', skipped, ({ id, cause }) => `${id}: ${skipWords(cause, ends)}`)]),
    ...(cancelled.length === 0 ? [] : [named('Cancelled', cancelled, ({ id }) => id)]),
    `Duration: ${inWords(durationMs)}`,
    `Workers used: ${report.workersUsed}`,
    `Parallelism achieved: ${speedup(report)}x speedup`,
    RULE,
    '',
  ].join('\n');
}

/** `1 task`, `9 tasks`. */
const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

function named(word: string, tasks: readonly TaskReport[], nameOf: (task: TaskReport) => string): string {
  const names = tasks.slice(0, MOST_NAMED).map(nameOf);
  if (tasks.length > MOST_NAMED) names.push(`and ${tasks.length - MOST_NAMED} more`);
  const list = names.length === 0 ? '' : ` (${names.join(', ')})`;
  return `${word}: ${counted(tasks.length, 'task')}${list}`;
}

/** Why a task was skipped: what became of the one that it was skipped for. */
function skipWords(cause: string | undefined, ends: ReadonlyMap<string, TaskReport['end']>): string {
  const end = ends.get(cause ?? '') === 'cancelled' ? 'cancelled' : 'failed';
  return `${printable(cause ?? '')} ${end}`;
}

/** `42 seconds`, `2 minutes 5 seconds`, `1 hour 3 minutes`. */
function inWords(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return counted(seconds, 'second');
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return joined(counted(minutes, 'minute'), seconds % 60, 'second');
  return joined(counted(Math.floor(minutes / 60), 'hour'), minutes % 60, 'minute');
}

const joined = (whole: string, rest: number, noun: string): string =>
  rest === 0 ? whole : `${whole} ${counted(rest, noun)}`;

/** How much longer the tasks would have taken one after the other. */
function speedup({ tasks, durationMs }: RunReport): string {
  const spent = tasks.reduce((sum, task) => sum + (task.durationMs ?? 0), 0);
  return (durationMs > 0 && spent > 0 ? spent / durationMs : 1).toFixed(1);
}
