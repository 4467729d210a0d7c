import type { Issue } from '../../bus-schema/outcome.js';
import { printable } from '../../bus-schema/printable.js';
import type { RunReport } from '../../bus-schema/report.js';

type TaskReport = RunReport['tasks'][number];

/** The result of a wave, in the JSON of the system that the format comes from. */
export function waveReport({ wave, tasks }: RunReport): string {
  const open = tasks.filter(task => !isCompleted(task));
  const members = [
    ...(wave === undefined ? [] : [member('wave', wave)]),
    member('status', open.length === 0 ? 'completed' : 'failed'),
    object(
      'tasks',
      tasks.map(task => member(task.id, taskResult(task))),
    ),
    member(
      'errors',
      open.map(task => ({ taskId: task.id, error: errorOf(task) })),
    ),
  ];
  return `{\n${members.map(indented).join(',\n')}\n}\n`;
}

const isCompleted = ({ end }: TaskReport): boolean => end === 'complete' || end === 'before';

function taskResult(task: TaskReport): object {
  const { review, summary = '' } = task;
  return {
    status: isCompleted(task) ? 'completed' : task.end,
    summary: plain(summary),
    ...(review === undefined ? {} : { codexReviewed: review.rounds > 0, reviewRounds: review.rounds }),
    ...(review === undefined || review.remaining.length === 0
      ? {}
      : { remainingIssues: review.remaining.map(issueIn) }),
  };
}

function issueIn({ severity, location, issue, suggestion }: Issue): object {
  return {
    severity: severity.toUpperCase(),
    location: plain(location),
    issue: plain(issue),
    ...(suggestion === undefined ? {} : { suggestion: plain(suggestion) }),
  };
}

function errorOf({ end, cause }: TaskReport): string {
  const words = cause === undefined ? end : plain(cause);
  return end === 'skipped' && cause !== undefined ? `skipped because of ${words}` : words;
}

/** JSON leaves alone some of what a terminal takes for an order. */
const plain = (text: string): string => printable(text, Infinity);

/** An object written member by member: one of JavaScript's would put ids that are numbers before all others. */
function object(key: string, members: readonly string[]): string {
  return `${JSON.stringify(key)}: {${members.length === 0 ? '' : `\n${members.map(indented).join(',\n')}\n`}}`;
}

const member = (key: string, value: unknown): string =>
  `${JSON.stringify(key)}: ${JSON.stringify(value, undefined, 2)}`;

/** Line breaks are between values only: within a text they are escaped. */
const indented = (json: string): string => json.replace(/^/gm, '  ');
