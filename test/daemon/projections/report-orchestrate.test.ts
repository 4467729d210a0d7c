import { describe, expect, test } from '@jest/globals';
import { runReportSchema, type RunReport } from '../../../bus-schema/report.js';
import { orchestrateReport } from '../../../daemon/projections/report-orchestrate.js';
import { endReport, reportMarkdown } from '../../../daemon/projections/report-text.js';
import { NO_SAMPLES, sampleBlocks } from '../../samples.js';

type TaskReport = RunReport['tasks'][number];

const RULE = '══════════════════════════════════════════════════════════';

function task(id: string, more: Partial<TaskReport> = {}): TaskReport {
  return { id, title: `Title of ${id}`, end: 'complete', attempts: 1, durationMs: 1000, ...more };
}

function report(tasks: TaskReport[], more: Partial<RunReport> = {}): RunReport {
  const count = (end: TaskReport['end']): number => tasks.filter(each => each.end === end).length;
  return runReportSchema.parse({
    run: 'r-1',
    name: 'r',
    format: 'orchestrate',
    verdict: 'PASS',
    startedAt: '2026-01-02T03:04:05.000Z',
    endedAt: '2026-01-02T03:04:06.000Z',
    durationMs: 1000,
    maxParallel: 5,
    attemptsStarted: tasks.length,
    workersUsed: 1,
    counts: {
      total: tasks.length,
      before: count('before'),
      complete: count('complete'),
      failed: count('failed'),
      skipped: count('skipped'),
      cancelled: count('cancelled'),
    },
    tasks,
    ...more,
  });
}

const linesOf = (of: RunReport): string[] => orchestrateReport(of).split('\n').slice(3, -2);

const failed = (id: string, cause: string): TaskReport => task(id, { end: 'failed', cause });

/** Nine tasks that took 118 seconds, in 42 seconds; the seventh took too long. */
const SAMPLE = report(
  [1, 2, 3, 4, 5, 6, 7, 8, 9].map(number =>
    number === 7
      ? task('T007', { end: 'failed', cause: 'ran longer than its timeout of 30.0s', durationMs: 30_000 })
      : task(`T00${number}`, { durationMs: 11_000 }),
  ),
  { durationMs: 42_000, workersUsed: 5, verdict: 'FAIL' },
);

describe('a run with one failure', () => {
  test('is summed up in the form of its format, to the letter', () => {
    expect(orchestrateReport(SAMPLE)).toBe(
      [
        RULE,
        'EXECUTION SUMMARY',
        RULE,
        'Completed: 8 of 9 tasks',
        'Failed: 1 task (T007: timeout)',
        'Duration: 42 seconds',
        'Workers used: 5',
        'Parallelism achieved: 2.8x speedup',
        RULE,
        '',
      ].join('\n'),
    );
  });

  const sample = sampleBlocks('004')?.find(block => block.split('\n').includes('EXECUTION SUMMARY'));
  const compared = sample === undefined ? test.skip : test;
  compared(sample === undefined ? NO_SAMPLES : 'is the block of the sample, character for character', () => {
    expect(orchestrateReport(SAMPLE)).toBe(sample);
  });

  test('prints it at its end, and report.md has it above the tasks', () => {
    expect(endReport(SAMPLE)).toBe(orchestrateReport(SAMPLE));
    const text = reportMarkdown(SAMPLE);
    expect(text).toContain(`\n\`\`\`text\n${orchestrateReport(SAMPLE)}\`\`\`\n`);
    expect(text).toContain('## FIX\n\n- [ ] Fix T007: Title of T007: ran longer than its timeout of 30.0s\n');
    expect(text).toContain('| T007 Title of T007 | failed | 1 | 30.0s |');
  });
});

describe('each line', () => {
  test('one is singular, none is plural', () => {
    expect(linesOf(report([task('T001')], { durationMs: 1000 }))).toEqual([
      'Completed: 1 of 1 task',
      'Failed: 0 tasks',
      'Duration: 1 second',
      'Workers used: 1',
      'Parallelism achieved: 1.0x speedup',
    ]);
  });

  test('several failures are all named; skipped and cancelled tasks have lines of their own', () => {
    const lines = linesOf(
      report([
        failed('T001', 'ran longer than its timeout of 30.0s'),
        failed('T002', 'exit code 1: no such file'),
        task('T003', { end: 'skipped', cause: 'T001' }),
        task('T004', { end: 'skipped', cause: 'T005' }),
        task('T005', { end: 'cancelled', cause: 'cancelled' }),
      ]),
    );
    expect(lines.slice(0, 4)).toEqual([
      'Completed: 0 of 5 tasks',
      'Failed: 2 tasks (T001: timeout, T002: exit code 1)',
      'Skipped: 2 tasks (T003: T001 failed, T004: T005 cancelled)',
      'Cancelled: 1 task (T005)',
    ]);
  });

  test('of very many, some are named', () => {
    const tasks = Array.from({ length: 25 }, (_, index) => failed(`T${index}`, 'exit code 1'));
    const line = linesOf(report(tasks))[1] ?? '';
    expect(line.startsWith('Failed: 25 tasks (T0: exit code 1, T1: exit code 1, ')).toBe(true);
    expect(line.endsWith(', T19: exit code 1, and 5 more)')).toBe(true);
  });

  test('what the file says is done counts as completed, and is told apart', () => {
    expect(linesOf(report([task('T001', { end: 'before' }), task('T002')]))[0]).toBe(
      'Completed: 2 of 2 tasks (1 of them before)',
    );
  });

  test.each([
    [0, '0 seconds'],
    [400, '0 seconds'],
    [59_400, '59 seconds'],
    [60_000, '1 minute'],
    [125_000, '2 minutes 5 seconds'],
    [3_600_000, '1 hour'],
    [7_384_000, '2 hours 3 minutes'],
  ])('%d ms are %s', (durationMs, words) => {
    expect(linesOf(report([task('T001')], { durationMs }))[2]).toBe(`Duration: ${words}`);
  });

  test('a run in which nothing ran has no speed to speak of', () => {
    const { durationMs: _, ...before } = task('T001', { end: 'before' });
    expect(linesOf(report([before], { durationMs: 0, workersUsed: 0 })).slice(-2)).toEqual([
      'Workers used: 0',
      'Parallelism achieved: 1.0x speedup',
    ]);
  });
});
