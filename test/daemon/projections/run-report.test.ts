import { describe, expect, test } from '@jest/globals';
import type { RunId, TaskId } from '../../../bus-schema/ids.js';
import type { Issue, Outcome } from '../../../bus-schema/outcome.js';
import { runReportSchema, type RunReport } from '../../../bus-schema/report.js';
import { runReport } from '../../../daemon/projections/run-report.js';
import { aPlan, SchedulerRig } from '../scheduler/rig.js';

const NOW = { at: 1_005_000, wall: '1970-01-01T00:16:45.000Z' };

test('a report says of each task how it ended, why, after how long, and where its log is', () => {
  const rig = new SchedulerRig();
  rig.submit({
    ...aPlan([{ id: 'a' }, { id: 'b' }, { id: 'c', needs: ['b'] }, { id: 'd' }, { id: 'e', done: true }]),
    track: 'login',
  });
  rig.at += 2000;
  rig.say({
    type: 'Exited',
    attempt: rig.attempt('a'),
    outcome: { kind: 'complete', commit: 'abc1234' },
    exit: { code: 0, signal: null, durationMs: 1234.5 },
  });
  rig.fail('b');
  rig.say({ type: 'Cancel', run: 'run-1' as RunId, task: 'd' as TaskId });
  rig.fail('d');
  const [run] = rig.state.runs.values();
  if (run === undefined) throw new Error('no run');
  const report = runReport(run, NOW);
  expect(runReportSchema.parse(report)).toEqual(report);
  expect(report).toMatchObject({
    run: 'run-1',
    track: 'login',
    verdict: 'FAIL',
    durationMs: 2000,
    attemptsStarted: 3,
    counts: { total: 5, before: 1, complete: 1, failed: 1, skipped: 1, cancelled: 1 },
  });
  expect(report.tasks).toEqual([
    {
      id: 'a',
      title: 'a',
      end: 'complete',
      wave: 1,
      startedMs: 0,
      attempts: 1,
      worker: 'worker-2',
      durationMs: 1234.5,
      log: 'runs/run-1/attempts/run-1.0.1.log',
      commit: 'abc1234',
    },
    {
      id: 'b',
      title: 'b',
      end: 'failed',
      wave: 1,
      startedMs: 0,
      attempts: 1,
      cause: 'exit code 1',
      worker: 'worker-1',
      durationMs: 2000,
      log: 'runs/run-1/attempts/run-1.1.1.log',
    },
    { id: 'c', title: 'c', end: 'skipped', wave: 2, attempts: 0, cause: 'b' },
    {
      id: 'd',
      title: 'd',
      end: 'cancelled',
      wave: 1,
      startedMs: 0,
      attempts: 1,
      cause: 'cancelled',
      worker: 'worker-3',
      durationMs: 2000,
      log: 'runs/run-1/attempts/run-1.3.1.log',
    },
    { id: 'e', title: 'e', end: 'before', wave: 1, attempts: 0 },
  ]);
});

test('of a run that has not ended, it says how it stands', () => {
  const rig = new SchedulerRig();
  rig.submit(aPlan([{ id: 'a' }]));
  const [run] = rig.state.runs.values();
  if (run === undefined) throw new Error('no run');
  expect(runReport(run, NOW)).toMatchObject({ verdict: 'STOPPED', endedAt: NOW.wall, durationMs: 5000 });
});

describe('of a task that is reviewed', () => {
  const WORK = { kind: 'shell', command: 'true' } as const;
  const REVIEW = { review: WORK, fix: WORK, blockOn: 'medium', rounds: 2 } as const;
  const issue = { severity: 'medium', location: 'a.ts:1', issue: 'Slow' } as const;
  const remark = { severity: 'low', location: 'a.ts', issue: 'Odd' } as const;

  function reviewed(): {
    rig: SchedulerRig;
    report: () => RunReport;
    end: (outcome: Outcome, ms: number) => void;
  } {
    const rig = new SchedulerRig();
    rig.submit({
      ...aPlan([
        { id: 'a', review: REVIEW },
        { id: 'b', review: REVIEW, done: true },
      ]),
      wave: 7,
      groups: [{ id: 'G1', tasks: ['a'], conflictFree: true }],
    });
    return {
      rig,
      report: () => {
        const [run] = rig.state.runs.values();
        if (run === undefined) throw new Error('no run');
        return runReportSchema.parse(runReport(run, NOW));
      },
      end: (outcome, durationMs) => {
        rig.at += 1000;
        rig.say({
          type: 'Exited',
          attempt: rig.attempt('a'),
          outcome,
          exit: { code: 0, signal: null, durationMs },
        });
      },
    };
  }

  const complete = (more: object): Outcome => ({ kind: 'complete', ...more });
  const verdict = (approved: boolean, issues: Issue[]): Outcome =>
    complete({ verdict: { approved, summary: '', issues } });

  test('it tells of the work, and of the reviews what they left', () => {
    const { report, end } = reviewed();
    expect(report().tasks[0]).toMatchObject({
      group: 'G1',
      review: { rounds: 0, approved: false, remaining: [] },
    });
    end(complete({ summary: 'made', commit: 'abc1234' }), 100);
    expect(report().tasks[0]).toMatchObject({ summary: 'made', durationMs: 100 });
    end(verdict(false, [issue, remark]), 200);
    expect(report().tasks[0]).toMatchObject({
      summary: 'made',
      review: { rounds: 1, remaining: [issue, remark] },
    });
    end(complete({ summary: 'mended' }), 300);
    end(verdict(false, [remark]), 400);
    expect(report()).toMatchObject({ wave: 7, workersUsed: 1, attemptsStarted: 4 });
    expect(report().tasks).toEqual([
      {
        id: 'a',
        title: 'a',
        end: 'complete',
        wave: 1,
        attempts: 4,
        group: 'G1',
        worker: 'worker-1',
        startedMs: 2000,
        durationMs: 300,
        log: 'runs/run-1/attempts/run-1.0.3.log',
        summary: 'mended',
        review: { rounds: 2, approved: false, remaining: [remark] },
      },
      { id: 'b', title: 'b', end: 'before', wave: 1, attempts: 0 },
    ]);
  });

  test('whose review fails, the log is that of the review', () => {
    const { report, end } = reviewed();
    end(complete({ summary: 'made' }), 100);
    end({ kind: 'failed', reason: 'no-verdict', message: 'printed no verdict' }, 200);
    expect(report().tasks[0]).toMatchObject({
      end: 'failed',
      cause: 'its review failed: printed no verdict',
      summary: 'made',
      durationMs: 100,
      log: 'runs/run-1/attempts/run-1.0.2.log',
      review: { rounds: 0 },
    });
  });
});
