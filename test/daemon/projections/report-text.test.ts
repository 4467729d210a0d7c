import { describe, expect, test } from '@jest/globals';
import type { RunReport } from '../../../bus-schema/report.js';
import { endReport, reportMarkdown } from '../../../daemon/projections/report-text.js';
import { runReport } from '../../../daemon/projections/run-report.js';
import { aPlan, SchedulerRig, type TaskSketch } from '../scheduler/rig.js';

const HOSTILE = 'a|b `c` <b>*d*</b> [e](f) \\ _g_\n# h \u001b[31mred';

/** A run of which one task fails, one is skipped, and the others do well. */
function report(more: Partial<RunReport> = {}, sketch: Partial<TaskSketch> = {}): RunReport {
  const rig = new SchedulerRig();
  rig.submit(
    aPlan([
      { id: 'good' },
      { id: 'bad', retries: 0, ...sketch },
      { id: 'behind', needs: ['bad'] },
      { id: 'before', done: true },
    ]),
  );
  rig.at += 61_000;
  rig.complete('good');
  const outcome = { kind: 'failed', reason: 'exit', message: HOSTILE } as const;
  rig.say({ type: 'Exited', attempt: rig.attempt('bad'), outcome });
  const [run] = rig.state.runs.values();
  if (run?.ended === undefined) throw new Error('the run has not ended');
  return { ...runReport(run, run.ended), ...more };
}

test('a conductor run ends with the source system’s four lines, and nothing else', () => {
  expect(endReport(report({ format: 'conductor' }))).toBe(
    'PARALLEL EXECUTION COMPLETE\nWORKERS SPAWNED: 2\nTASKS COMPLETED: 1\nTASKS FAILED: 1\n',
  );
});

test('a run of our own format ends with a sentence and what went wrong, on a line each', () => {
  const lines = endReport(report()).split('\n');
  expect(lines[0]).toBe('run run-1 failed: 2 of 4 tasks complete in 1m01s');
  expect(lines.slice(1)).toEqual([
    '  failed bad: a|b `c` <b>*d*</b> [e](f) \\ _g_\\x0a# h \\x1b[31mred',
    '  skipped behind: because of bad',
    '',
  ]);
});

test.each([
  ['PASS', 'complete'],
  ['FAIL', 'failed'],
  ['STOPPED', 'stopped'],
] as const)('%s is called %s', (verdict, word) => {
  expect(endReport(report({ verdict }))).toMatch(new RegExp(`^run run-1 ${word}: `));
});

describe('the Markdown report', () => {
  test('marks failed tasks for the FIX step, and has a row for each task', () => {
    const text = reportMarkdown(report());
    expect(text).toContain('## FIX\n\n- [ ] Fix bad: ');
    expect(text).toContain('(log: `runs/run-1/attempts/run-1.1.1.log`)');
    expect(text).toMatch(/\| behind behind \| skipped \| 0 \| {2}\| {2}\| because of bad \|/);
    expect(text).toContain('| 4 | 1 | 1 | 1 | 1 | 0 | 2 |');
    const good = report();
    const passed = { ...good, tasks: good.tasks.filter(task => task.end !== 'failed') };
    expect(reportMarkdown(passed)).not.toContain('FIX');
  });

  test('shows whatever a title or an error holds as it is, without a cell, a line or a sequence of its own', () => {
    const text = reportMarkdown(report({ name: HOSTILE }, { title: HOSTILE }));
    const rows = text.split('\n').filter(line => line.startsWith('|'));
    // Six cells have seven bars that are not escaped; the counts have eight.
    expect(rows.slice(0, 3).map(bars)).toEqual([8, 8, 8]);
    expect(rows.slice(3).map(bars)).toEqual([7, 7, 7, 7, 7, 7]);
    // eslint-disable-next-line no-control-regex -- control characters are what is looked for
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
    const [heading = ''] = text.split('\n');
    expect(heading).toBe(
      '# a\\|b \\`c\\` \\<b\\>\\*d\\*\\</b\\> \\[e\\](f) \\\\ \\_g\\_\\\\x0a# h \\\\x1b\\[31mred',
    );
  });
});

/** Bars that end a cell: with an even number of backslashes before them. */
function bars(row: string): number {
  return [...row.matchAll(/(\\*)\|/g)].filter(([, slashes = '']) => slashes.length % 2 === 0).length;
}
