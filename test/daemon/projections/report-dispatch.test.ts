import { describe, expect, test } from '@jest/globals';
import { runReportSchema, type RunReport } from '../../../bus-schema/report.js';
import { dispatchReport } from '../../../daemon/projections/report-dispatch.js';
import { endReport, reportMarkdown } from '../../../daemon/projections/report-text.js';
import { ARCHITECTURE_REPORT } from '../../e2e/dispatch-texts.js';

type TaskReport = RunReport['tasks'][number];

const FOLDER = '.aiwg/working/reviews/';

function task(id: string, more: Partial<TaskReport> = {}): TaskReport {
  return { id, title: id, end: 'complete', wave: 1, attempts: 1, startedMs: 0, durationMs: 1000, ...more };
}

function ran(
  id: string,
  agent: string,
  [startedMs, durationMs]: [number, number],
  asked: string,
): TaskReport {
  const output = `${FOLDER}${asked.replace('reviews/', '')}`;
  return task(id, { agent, startedMs, durationMs, askedOutput: asked, output });
}

function report(tasks: TaskReport[], more: Partial<RunReport> = {}): RunReport {
  const count = (end: TaskReport['end']): number => tasks.filter(each => each.end === end).length;
  return runReportSchema.parse({
    run: 'r-1',
    name: 'r',
    format: 'dispatch',
    verdict: 'PASS',
    startedAt: '2026-01-02T03:04:05.000Z',
    endedAt: '2026-01-02T03:04:06.000Z',
    durationMs: 1000,
    maxParallel: 1,
    attemptsStarted: tasks.length,
    workersUsed: 1,
    counts: {
      total: tasks.length,
      before: 0,
      complete: count('complete'),
      failed: count('failed'),
      skipped: count('skipped'),
      cancelled: count('cancelled'),
    },
    tasks,
    ...more,
  });
}

const SAMPLE = report(
  [
    ran('security-review', 'security-architect', [0, 32_100], 'reviews/security.md'),
    ran('test-review', 'test-architect', [0, 28_400], 'reviews/testability.md'),
    ran('ops-review', 'devops-engineer', [0, 25_600], 'reviews/operations.md'),
    { ...ran('synthesis', 'documentation-synthesizer', [32_100, 13_100], 'final-review.md'), wave: 2 },
  ],
  { durationMs: 45_200, maxParallel: 3 },
);

test('the numbers of the sample make the sample report, to the letter', () => {
  expect(dispatchReport(SAMPLE)).toBe(ARCHITECTURE_REPORT);
});

test('it is what a run prints, and what report.md holds', () => {
  expect(endReport(SAMPLE)).toBe(ARCHITECTURE_REPORT);
  expect(reportMarkdown(SAMPLE)).toBe(ARCHITECTURE_REPORT);
});

describe('what did not go well', () => {
  const BAD = report(
    [
      task('a', {
        end: 'failed',
        cause: 'exit code 1',
        log: 'runs/r-1/a.log',
        output: 'a.md',
        durationMs: 500,
      }),
      task('b', { wave: 1, startedMs: 100, durationMs: 700 }),
      { id: 'c', title: 'c', end: 'skipped', cause: 'a', wave: 2, attempts: 0, output: 'c.md' },
      task('d', { end: 'cancelled', wave: 3, startedMs: 900, durationMs: 40 }),
    ],
    { verdict: 'FAIL' },
  );
  const lines = dispatchReport(BAD).split('\n');

  test('has marks of its own, and a line in the summary', () => {
    expect(lines.slice(2, 10)).toEqual([
      '## Summary',
      '- **Total Tasks**: 4',
      '- **Succeeded**: 1',
      '- **Failed**: 1',
      '- **Skipped**: 1',
      '- **Cancelled**: 1',
      '- **Total Time**: 1.0s',
      '- **Parallel Efficiency**: 100%',
    ]);
    expect(lines).toEqual(
      expect.arrayContaining([
        '| a | – | 0.5s | ✗ | a.md |',
        '| b | – | 0.7s | ✓ | – |',
        '| c | – | – | – | c.md |',
        '| d | – | 0.0s | ⊘ | – |',
      ]),
    );
  });

  test('a wave lasts from its first beginning to its last end, and ends as the worst in it', () => {
    expect(lines).toEqual(
      expect.arrayContaining(['| 1 | a, b | 0.8s | ✗ |', '| 2 | c | – | – |', '| 3 | d | 0.0s | ⊘ |']),
    );
  });

  test('only what is complete has its output listed', () => {
    expect(lines.slice(lines.indexOf('## Outputs'))).toEqual(['## Outputs', '']);
  });

  test('report.md goes on with what is to be mended', () => {
    const text = reportMarkdown(BAD);
    expect(text.startsWith(dispatchReport(BAD))).toBe(true);
    expect(text.slice(dispatchReport(BAD).length)).toBe(
      '\n## FIX\n\n- [ ] Fix a: a: exit code 1 (log: `runs/r-1/a.log`)\n',
    );
  });
});

test('ids are shortened only by an ending that all of a wave have', () => {
  const timeline = (...ids: string[]): string | undefined =>
    dispatchReport(report(ids.map(id => task(id))))
      .split('\n')
      .find(line => line.startsWith('| 1 |'));
  expect(timeline('code-quality', 'test-coverage')).toBe('| 1 | code-quality, test-coverage | 1.0s | ✓ |');
  expect(timeline('final-review')).toBe('| 1 | final-review | 1.0s | ✓ |');
  expect(timeline('a-x-doc', 'b-doc')).toBe('| 1 | a-x, b | 1.0s | ✓ |');
});

test('a run of no time at all has no efficiency, and names cannot break the table', () => {
  const text = dispatchReport(report([task('a', { agent: 'x | y\n<b>', durationMs: 0 })], { durationMs: 0 }));
  expect(text).toContain('- **Parallel Efficiency**: 0%');
  expect(text).toContain('| a | x \\| y\\\\x0a\\<b\\> | 0.0s | ✓ | – |');
});
