import { describe, expect, test } from '@jest/globals';
import type { RunId, TaskId } from '../../../bus-schema/ids.js';
import { orchestrationStatus } from '../../../daemon/projections/orchestration-status.js';
import { progressView } from '../../../daemon/projections/progress-view.js';
import { aPlan, SchedulerRig, type TaskSketch } from '../scheduler/rig.js';
import { grouped } from './orchestration-plan.js';
import { NO_SAMPLES, sampleBlocks } from '../../samples.js';

function statusOf(rig: SchedulerRig, at = rig.at): string {
  const run = rig.state.runs.get('run-1' as RunId);
  if (run === undefined) throw new Error('there is no run');
  return orchestrationStatus(run, { at });
}

/** Without head, foot and rules. */
const rowsOf = (rig: SchedulerRig): string[] => statusOf(rig).split('\n').slice(3, -6);
const footOf = (rig: SchedulerRig): string[] => statusOf(rig).split('\n').slice(-5, -2);

/** Five tasks: two are done, one runs on the first of five workers, one depends on it, one is of the next group. */
function sample(): SchedulerRig {
  const rig = new SchedulerRig();
  rig.submit(
    grouped([
      [
        { id: 'T003', title: 'Orchestrate command created' },
        { id: 'T001', title: 'Scout agent created' },
        { id: 'T002', title: 'Worker agent created' },
      ],
      [
        { id: 'T004', title: 'Documentation', needs: ['T003'] },
        { id: 'T005', title: 'Examples' },
      ],
    ]),
  );
  rig.complete('T001');
  rig.complete('T002');
  return rig;
}

const RULE = '═══════════════════════════════════════════════════════════';

const SAMPLE_TEXT = `${[
  RULE,
  'ORCHESTRATION STATUS',
  RULE,
  '✓ T001: Scout agent created',
  '✓ T002: Worker agent created',
  '⚡ T003: Running on worker-1',
  '⏳ T004: Pending (depends on T003)',
  '⏳ T005: Queued for next group',
  RULE,
  'Group G1: 2 completed | 1 running | 0 pending',
  'Workers: 1 active | 4 available',
  'Time elapsed: 00:42',
  RULE,
].join('\n')}\n`;

/** The plan names the running task first, so that it has the first worker; the sample shows it by number. */
const byNumber = (text: string): string => {
  const lines = text.split('\n');
  return [...lines.slice(0, 3), ...lines.slice(4, 6), ...lines.slice(3, 4), ...lines.slice(6)].join('\n');
};

describe('a run in its first group', () => {
  test('shows itself in the form of its format, to the letter', () => {
    const rig = sample();
    expect(byNumber(statusOf(rig, rig.at + 42_900))).toBe(SAMPLE_TEXT);
  });

  const block = sampleBlocks('004')?.find(block => block.split('\n').includes('ORCHESTRATION STATUS'));
  const compared = block === undefined ? test.skip : test;
  compared(block === undefined ? NO_SAMPLES : 'is the block of the sample, character for character', () => {
    const rig = sample();
    expect(byNumber(statusOf(rig, rig.at + 42_000))).toBe(block);
  });

  test('is what status prints below the line of the run', () => {
    const rig = sample();
    expect(progressView(rig.state, rig.at)).toBe(
      `run run-1 (sketch): running, 2/5 complete, 0 failed, 1 running, 2 left, 0ms\n${statusOf(rig)}`,
    );
  });
});

describe('each task', () => {
  test('that failed, is tried again, was skipped or cancelled', () => {
    const rig = new SchedulerRig();
    rig.submit(
      grouped([
        [{ id: 'T001' }, { id: 'T002', retries: 2 }, { id: 'T003' }, { id: 'T004' }],
        [
          { id: 'T005', needs: ['T001'] },
          { id: 'T006', needs: ['T003'] },
        ],
      ]),
    );
    rig.fail('T001');
    rig.fail('T002');
    rig.say({ type: 'Cancel', run: 'run-1' as RunId, task: 'T003' as TaskId });
    rig.fail('T003');
    rig.complete('T004');
    expect(rowsOf(rig)).toEqual([
      '✗ T001: exit code 1',
      '⏳ T002: Waiting for its retry (attempt 2 of 3)',
      '– T003: Cancelled',
      '✓ T004: Completed',
      '– T005: Skipped (T001 failed)',
      '– T006: Skipped (T003 cancelled)',
    ]);
    expect(footOf(rig)).toEqual([
      'Group G1: 1 completed | 0 running | 1 pending | 1 failed | 1 cancelled',
      'Workers: 0 active | 5 available',
      'Time elapsed: 00:00',
    ]);
  });

  test('that waits: for a file, a worker, other tasks, its group’s turn', () => {
    const rig = new SchedulerRig();
    rig.submit(
      grouped(
        [
          [
            { id: 'T001', files: ['src'] },
            { id: 'T002', files: ['src/a.ts'] },
            { id: 'T003', files: ['docs'] },
            { id: 'T004' },
          ],
          [{ id: 'T005' }, { id: 'T006', needs: ['T001', 'T002', 'T003', 'T004'] }],
          [{ id: 'T007' }],
        ],
        { maxParallel: 2 },
      ),
    );
    expect(rowsOf(rig)).toEqual([
      '⚡ T001: Running on worker-1',
      '⏳ T002: Waiting (file locked by worker-1)',
      '⚡ T003: Running on worker-2',
      '⏳ T004: Queued for a free worker',
      '⏳ T005: Queued for next group',
      '⏳ T006: Pending (depends on T001, T002, T003 and 1 more)',
      '⏳ T007: Queued for group G3',
    ]);
    expect(footOf(rig).slice(0, 2)).toEqual([
      'Group G1: 0 completed | 2 running | 2 pending',
      'Workers: 2 active | 0 available',
    ]);
  });

  test('that another run keeps from its file', () => {
    const rig = new SchedulerRig();
    rig.submit(aPlan([{ id: 'other', files: ['src'] }]), 'run-0');
    rig.submit(grouped([[{ id: 'T001', files: ['src/a.ts'] }]]));
    expect(rowsOf(rig)).toEqual(['⏳ T001: Waiting (file locked)']);
  });

  test('as a graph, no group has to wait for its turn', () => {
    const rig = new SchedulerRig();
    rig.submit(grouped([[{ id: 'T001' }], [{ id: 'T002' }]], { schedule: 'dag', maxParallel: 1 }));
    expect(rowsOf(rig)).toEqual(['⚡ T001: Running on worker-1', '⏳ T002: Queued for a free worker']);
  });
});

describe('the foot', () => {
  test('has the first group with something left to do; at the end the last', () => {
    const rig = new SchedulerRig();
    rig.submit(grouped([[{ id: 'T001' }], [{ id: 'T002' }, { id: 'T003' }]]));
    rig.complete('T001');
    expect(footOf(rig)[0]).toBe('Group G2: 0 completed | 2 running | 0 pending');
    rig.complete('T002');
    rig.complete('T003');
    expect(footOf(rig)[0]).toBe('Group G2: 2 completed | 0 running | 0 pending');
  });

  test('without groups has all tasks', () => {
    const rig = new SchedulerRig();
    rig.submit({ ...aPlan([{ id: 'T001' }, { id: 'T002', needs: ['T001'] }]), format: 'orchestrate' });
    expect(footOf(rig)[0]).toBe('Tasks: 0 completed | 1 running | 1 pending');
  });

  test.each([
    [0, '00:00'],
    [59_999, '00:59'],
    [754_000, '12:34'],
    [3_600_000, '1:00:00'],
    [36_062_000, '10:01:02'],
  ])('%d ms are %s', (ms, clock) => {
    const rig = sample();
    expect(
      statusOf(rig, rig.at + ms)
        .split('\n')
        .at(-3),
    ).toBe(`Time elapsed: ${clock}`);
  });

  test('stands still when the run has ended', () => {
    const rig = new SchedulerRig();
    rig.submit(grouped([[{ id: 'T001' }]]));
    rig.at += 5000;
    rig.complete('T001');
    expect(statusOf(rig, rig.at + 60_000)).toContain('Time elapsed: 00:05\n');
  });
});

test('of very many tasks those near what runs are listed, and the others counted', () => {
  const group = (first: number): TaskSketch[] =>
    Array.from({ length: 30 }, (_, index) => ({ id: `T${first + index}` }));
  const rig = new SchedulerRig();
  rig.submit(grouped([group(100), group(200), group(300)], { maxParallel: 30 }));
  for (const { id } of group(100)) rig.complete(id);
  rig.complete('T200');
  const rows = rowsOf(rig);
  expect(rows).toHaveLength(41);
  expect(rows.filter(row => row.startsWith('⚡ T2'))).toHaveLength(29);
  expect(rows).toContain('✓ T200: Completed');
  expect(rows.slice(-2)).toEqual([
    '⏳ T309: Queued for next group',
    '… and 50 more: 30 completed | 20 pending',
  ]);
});

test('titles of any kind stay on their line', () => {
  const rig = new SchedulerRig();
  rig.submit(grouped([[{ id: 'T001', title: 'Build\n\u001b[31mit' }, { id: 'T002' }]]));
  rig.complete('T001');
  expect(rowsOf(rig)[0]).toBe('✓ T001: Build\\x0a\\x1b[31mit');
});
