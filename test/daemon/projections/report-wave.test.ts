import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { runReportSchema, type RunReport } from '../../../bus-schema/report.js';
import { endReport, reportMarkdown } from '../../../daemon/projections/report-text.js';
import { waveReport } from '../../../daemon/projections/report-wave.js';

type TaskReport = RunReport['tasks'][number];

const GOLDEN = new URL('../../golden/wave-result.json', import.meta.url);

const task = (id: string, more: Partial<TaskReport> = {}): TaskReport => ({
  id,
  title: `About ${id}`,
  end: 'complete',
  attempts: 1,
  summary: `Did ${id}`,
  ...more,
});

function report(tasks: TaskReport[], more: Partial<RunReport> = {}): RunReport {
  const count = (end: TaskReport['end']): number => tasks.filter(each => each.end === end).length;
  return runReportSchema.parse({
    run: 'wave-2-1',
    name: 'wave-2',
    format: 'wave',
    verdict: 'PASS',
    startedAt: '2026-01-02T03:04:05.000Z',
    endedAt: '2026-01-02T03:04:06.000Z',
    durationMs: 1000,
    maxParallel: 5,
    attemptsStarted: tasks.length,
    workersUsed: 1,
    wave: 2,
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

const LEAK = { severity: 'high', location: 'src/a.ts:3', issue: 'Leaks', suggestion: 'Close it' } as const;
const NAME = { severity: 'low', location: 'src/a.ts', issue: 'Odd name' } as const;

const MIXED = report(
  [
    task('task-10', { review: { rounds: 1, approved: true, remaining: [] } }),
    task('task-2', { review: { rounds: 3, approved: false, remaining: [LEAK, NAME] } }),
    task('task-3', { end: 'failed', cause: 'no such table', log: 'runs/x.log', summary: undefined }),
    task('task-4', { end: 'skipped', cause: 'task-3', attempts: 0, summary: undefined }),
    task('task-5', {
      end: 'cancelled',
      cause: 'stopped with its run',
      review: { rounds: 0, approved: false, remaining: [] },
      summary: undefined,
    }),
    task('task-6', { end: 'before', attempts: 0, summary: undefined }),
  ],
  { verdict: 'FAIL' },
);

test('it is the JSON of the source system, to the letter', () => {
  expect(waveReport(MIXED)).toBe(readFileSync(GOLDEN, 'utf8'));
  expect(endReport(MIXED)).toBe(waveReport(MIXED));
});

test('of a wave that went well, it has the members of the sample and no others, in its order', () => {
  const text = waveReport(report([task('task-2'), task('task-3')]));
  expect(JSON.parse(text)).toEqual({
    wave: 2,
    status: 'completed',
    tasks: {
      'task-2': { status: 'completed', summary: 'Did task-2' },
      'task-3': { status: 'completed', summary: 'Did task-3' },
    },
    errors: [],
  });
  expect([...text.matchAll(/^ {2}"(\w+)"/gm)].map(([, key]) => key)).toEqual([
    'wave',
    'status',
    'tasks',
    'errors',
  ]);
});

describe('the members', () => {
  test('a wave without a number has none', () => {
    expect(JSON.parse(waveReport(report([], { wave: undefined })))).toEqual({
      status: 'completed',
      tasks: {},
      errors: [],
    });
  });

  test('tasks stand in the order of the file, also those whose ids are numbers', () => {
    const ids = ['10', '9', 'a', '1', 'constructor', '0'];
    const text = waveReport(report(ids.map(id => task(id))));
    expect([...text.matchAll(/^ {4}"(\w+)"/gm)].map(([, id]) => id)).toEqual(ids);
    expect(Object.keys((JSON.parse(text) as { tasks: object }).tasks).sort()).toEqual([...ids].sort());
  });

  test.each([
    ['complete', 'completed'],
    ['before', 'completed'],
    ['failed', 'failed'],
    ['skipped', 'failed'],
    ['cancelled', 'failed'],
  ] as const)('with one task %s, the wave is %s', (end, status) => {
    expect(JSON.parse(waveReport(report([task('a'), task('b', { end })])))).toMatchObject({ status });
  });

  test('text from outside is whole, and cannot act on a terminal', () => {
    const hostile = `${'x'.repeat(3000)} "q" \\ \u001b[31m\u009b2J\u202e`;
    const issue = { severity: 'high', location: hostile, issue: hostile, suggestion: hostile } as const;
    const text = waveReport(
      report([
        task('a', { summary: hostile, review: { rounds: 1, approved: false, remaining: [issue] } }),
        task('b', { end: 'failed', cause: hostile }),
      ]),
    );
    // eslint-disable-next-line no-control-regex -- control characters are what is looked for
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    const seen = `${'x'.repeat(3000)} "q" \\ \\x1b[31m\\x9b2J\\u202e`;
    expect(JSON.parse(text)).toMatchObject({
      tasks: { a: { summary: seen, remainingIssues: [{ location: seen, issue: seen, suggestion: seen }] } },
      errors: [{ taskId: 'b', error: seen }],
    });
  });
});

describe('report.md', () => {
  const text = reportMarkdown(MIXED);

  test('has a row for each task that was to be reviewed', () => {
    expect(text).toContain(
      [
        '## Reviews',
        '',
        '| task | reviews | last one | issues left |',
        '| --- | --- | --- | --- |',
        '| task-10 | 1 | approved | 0 |',
        '| task-2 | 3 | not approved | 2 |',
        '| task-5 | 0 |  |  |',
        '',
      ].join('\n'),
    );
    expect(reportMarkdown(report([task('a')]))).not.toContain('Reviews');
  });

  test('names what is left for the FIX step, issue by issue', () => {
    expect(text).toContain(
      [
        '## FIX',
        '',
        '- [ ] Fix task-2: HIGH at src/a.ts:3: Leaks (Close it)',
        '- [ ] Fix task-2: LOW at src/a.ts: Odd name',
        '- [ ] Fix task-3: About task-3: no such table (log: `runs/x.log`)',
        '',
      ].join('\n'),
    );
  });

  test('an issue cannot break it', () => {
    const issue = { severity: 'low', location: 'a|b', issue: 'x\n# y', suggestion: '<b>' } as const;
    const review = { rounds: 1, approved: false, remaining: [issue] };
    expect(reportMarkdown(report([task('a', { review })]))).toContain(
      '\n- [ ] Fix a: LOW at a\\|b: x\\\\x0a# y (\\<b\\>)\n',
    );
  });
});
