import { formatDuration } from '../../bus-schema/duration.js';
import type { Issue } from '../../bus-schema/outcome.js';
import { printable } from '../../bus-schema/printable.js';
import type { RunReport } from '../../bus-schema/report.js';
import { unreachable } from '../../bus-schema/result.js';
import { dispatchReport } from './report-dispatch.js';
import { orchestrateReport } from './report-orchestrate.js';
import { waveReport } from './report-wave.js';

type TaskReport = RunReport['tasks'][number];

/** What a run prints at its end on standard output: the source system's own report, or for our format one of ours. */
export function endReport(report: RunReport): string {
  switch (report.format) {
    case 'conductor':
      return conductorReport(report);
    case 'dispatch':
      return dispatchReport(report);
    case 'wave':
      return waveReport(report);
    case 'orchestrate':
      return orchestrateReport(report);
    case 'native':
      return nativeReport(report);
    default:
      return unreachable(report.format);
  }
}

/** Workers spawned are the attempts started, retries included. */
function conductorReport({ attemptsStarted, counts }: RunReport): string {
  return [
    'PARALLEL EXECUTION COMPLETE',
    `WORKERS SPAWNED: ${attemptsStarted}`,
    `TASKS COMPLETED: ${counts.complete}`,
    `TASKS FAILED: ${counts.failed}`,
    '',
  ].join('\n');
}

function nativeReport(report: RunReport): string {
  const { counts } = report;
  const word = { PASS: 'complete', FAIL: 'failed', STOPPED: 'stopped' }[report.verdict];
  const lines = [
    `run ${report.run} ${word}: ${counts.complete + counts.before} of ${counts.total} tasks complete in ${formatDuration(report.durationMs)}`,
    ...report.tasks.flatMap(task =>
      task.end === 'complete' || task.end === 'before'
        ? []
        : [
            `  ${task.end} ${task.id}: ${task.end === 'skipped' ? 'because of ' : ''}${printable(task.cause ?? '')}`,
          ],
    ),
  ];
  return `${lines.join('\n')}\n`;
}

/** `report.md`: for a person, after the fact. Failed tasks are marked for the FIX step. */
export function reportMarkdown(report: RunReport): string {
  const { counts } = report;
  const fixes = report.tasks.flatMap(fixLines);
  const fixSection = fixes.length === 0 ? [] : ['## FIX', '', ...fixes, ''];
  if (report.format === 'dispatch') return [dispatchReport(report), ...fixSection].join('\n');
  const lines = [
    `# ${escapeMarkdown(report.name)}`,
    '',
    ...(report.format === 'orchestrate' ? ['```text', orchestrateReport(report).trimEnd(), '```', ''] : []),
    `Run \`${report.run}\`: **${report.verdict}**, from ${report.startedAt} to ${report.endedAt} (${formatDuration(report.durationMs)}), at most ${report.maxParallel} at once.`,
    '',
    '| total | complete | before | failed | skipped | cancelled | attempts |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    `| ${counts.total} | ${counts.complete} | ${counts.before} | ${counts.failed} | ${counts.skipped} | ${counts.cancelled} | ${report.attemptsStarted} |`,
    '',
    ...fixSection,
    '## Tasks',
    '',
    '| task | end | attempts | time | worker | cause |',
    '| --- | --- | --- | --- | --- | --- |',
    ...report.tasks.map(taskRow),
    '',
    ...reviewSection(report.tasks),
  ];
  return lines.join('\n');
}

/** What is left to be mended of a task: that it failed, and whatever its last review found. */
function fixLines({ id, title, end, cause, log, review }: TaskReport): string[] {
  const where = log === undefined ? '' : ` (log: \`${log}\`)`;
  const failed = `- [ ] Fix ${id}: ${escapeMarkdown(title)}: ${escapeMarkdown(cause ?? 'failed')}${where}`;
  return [
    ...(end === 'failed' ? [failed] : []),
    ...(review?.remaining ?? []).map(issue => issueLine(id, issue)),
  ];
}

function issueLine(id: string, { severity, location, issue, suggestion }: Issue): string {
  const place = location === '' ? '' : ` at ${escapeMarkdown(location)}`;
  const advice = suggestion === undefined ? '' : ` (${escapeMarkdown(suggestion)})`;
  return `- [ ] Fix ${id}: ${severity.toUpperCase()}${place}: ${escapeMarkdown(issue)}${advice}`;
}

function reviewSection(tasks: readonly TaskReport[]): string[] {
  const rows = tasks.flatMap(({ id, review }) => (review === undefined ? [] : [reviewRow(id, review)]));
  if (rows.length === 0) return [];
  return [
    '## Reviews',
    '',
    '| task | reviews | last one | issues left |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ];
}

function reviewRow(id: string, { rounds, approved, remaining }: NonNullable<TaskReport['review']>): string {
  const last = rounds === 0 ? '' : approved ? 'approved' : 'not approved';
  return `| ${id} | ${rounds} | ${last} | ${rounds === 0 ? '' : remaining.length} |`;
}

function taskRow(task: TaskReport): string {
  const time = task.durationMs === undefined ? '' : formatDuration(task.durationMs);
  const cause = task.end === 'skipped' ? `because of ${task.cause ?? ''}` : (task.cause ?? '');
  return `| ${task.id} ${escapeMarkdown(task.title)} | ${task.end} | ${task.attempts} | ${time} | ${task.worker ?? ''} | ${escapeMarkdown(cause)} |`;
}

/** One line, nothing hidden, and nothing that ends a table's cell or begins markup. */
function escapeMarkdown(text: string): string {
  return printable(text, 300).replace(/[|`<>[\]*_\\]/g, '\\$&');
}
