import { printable } from '../../bus-schema/printable.js';
import type { RunReport } from '../../bus-schema/report.js';
import { unreachable } from '../../bus-schema/result.js';

type TaskReport = RunReport['tasks'][number];

/** Stands where there is nothing to say, and for a task that was skipped. */
const NOTHING = '–';

/** The report of a dispatch file's run, in the Markdown of the system that the format comes from. */
export function dispatchReport(report: RunReport): string {
  const { counts, tasks } = report;
  const outputs = tasks.filter(task => task.end === 'complete').flatMap(task => task.output ?? []);
  return [
    '# Parallel Dispatch Report',
    '',
    '## Summary',
    `- **Total Tasks**: ${counts.total}`,
    `- **Succeeded**: ${counts.complete}`,
    `- **Failed**: ${counts.failed}`,
    ...(counts.skipped > 0 ? [`- **Skipped**: ${counts.skipped}`] : []),
    ...(counts.cancelled > 0 ? [`- **Cancelled**: ${counts.cancelled}`] : []),
    `- **Total Time**: ${seconds(report.durationMs)}`,
    `- **Parallel Efficiency**: ${efficiency(report)}%`,
    '',
    '## Execution Timeline',
    '',
    '| Wave | Tasks | Duration | Status |',
    '|------|-------|----------|--------|',
    ...wavesIn(tasks).map(([wave, members]) => waveRow(wave, members)),
    '',
    '## Task Details',
    '',
    '| Task | Agent | Duration | Status | Output |',
    '|------|-------|----------|--------|--------|',
    ...tasks.map(taskRow),
    '',
    '## Outputs',
    ...outputs.map(output => `- ${cell(output)}`),
    '',
  ].join('\n');
}

/** Of the time that all slots had together, so much per cent was spent in tasks. */
function efficiency({ tasks, durationMs, maxParallel }: RunReport): number {
  const spent = tasks.reduce((sum, task) => sum + (task.durationMs ?? 0), 0);
  return durationMs > 0 ? Math.min(100, Math.round((100 * spent) / (durationMs * maxParallel))) : 0;
}

function wavesIn(tasks: readonly TaskReport[]): [number, TaskReport[]][] {
  const waves = new Map<number, TaskReport[]>();
  for (const task of tasks) {
    const members = waves.get(task.wave ?? 1);
    if (members === undefined) waves.set(task.wave ?? 1, [task]);
    else members.push(task);
  }
  return [...waves].sort(([a], [b]) => a - b);
}

function waveRow(wave: number, members: readonly TaskReport[]): string {
  const row = [String(wave), shortened(members.map(task => task.id)).join(', '), spanOf(members)];
  return tableRow([...row, mark(worstOf(members))]);
}

/** Ids that all end in one word (`security-review`, `test-review`) say enough without it. */
function shortened(ids: readonly string[]): readonly string[] {
  const ending = /.(-[^-]+)$/.exec(ids[0] ?? '')?.[1];
  const shared =
    ending !== undefined &&
    ids.length > 1 &&
    ids.every(id => id.length > ending.length && id.endsWith(ending));
  return shared ? ids.map(id => id.slice(0, -ending.length)) : ids;
}

/** From the beginning of the first to the end of the last of them. */
function spanOf(members: readonly TaskReport[]): string {
  let [first, last] = [Infinity, -Infinity];
  for (const { startedMs, durationMs } of members) {
    if (startedMs === undefined || durationMs === undefined) continue;
    first = Math.min(first, startedMs);
    last = Math.max(last, startedMs + durationMs);
  }
  return first <= last ? seconds(last - first) : NOTHING;
}

/** How a wave ended: as the worst of its tasks. */
function worstOf(members: readonly TaskReport[]): TaskReport['end'] {
  const order = ['failed', 'cancelled', 'skipped'] as const;
  return order.find(end => members.some(task => task.end === end)) ?? 'complete';
}

function taskRow(task: TaskReport): string {
  const time = task.durationMs === undefined ? NOTHING : seconds(task.durationMs);
  const output = task.askedOutput ?? task.output;
  return tableRow([
    task.id,
    task.agent === undefined ? NOTHING : cell(task.agent),
    time,
    mark(task.end),
    output === undefined ? NOTHING : cell(output),
  ]);
}

function mark(end: TaskReport['end']): string {
  switch (end) {
    case 'before':
    case 'complete':
      return '✓';
    case 'failed':
      return '✗';
    case 'skipped':
      return NOTHING;
    case 'cancelled':
      return '⊘';
    default:
      return unreachable(end);
  }
}

const tableRow = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)}s`;

/** One line, and nothing that ends a table's cell or begins markup; paths stay as they can be copied. */
const cell = (text: string): string => printable(text, 1000).replace(/[\\|`<>]/g, '\\$&');
