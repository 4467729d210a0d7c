import { describe, expect, test } from '@jest/globals';
import type { RunId, TaskId, WorkerId } from '../../../bus-schema/ids.js';
import { feedOf, feedSeq } from '../../../daemon/projections/feed.js';
import { aPlan, SchedulerRig } from '../scheduler/rig.js';

/** Each record of a rig with the lines that it gives, told at the time. */
class Listener {
  readonly rig = new SchedulerRig();
  #heard = 0;

  /** What has been told since the last time: type and payload. */
  lines(): [string, unknown][] {
    const records = this.rig.records.slice(this.#heard);
    this.#heard = this.rig.records.length;
    return records
      .flatMap(record => feedOf(this.rig.state, record))
      .map(({ type, payload }) => [type, JSON.parse(JSON.stringify(payload))]);
  }
}

const of = (task: string): { run_id: string; task_id: string } => ({ run_id: 'run-1', task_id: task });

function listening(...sketches: Parameters<typeof aPlan>[0]): Listener {
  const listener = new Listener();
  listener.rig.submit({ ...aPlan(sketches), track: 'login', source: '/repo/plan.md' });
  listener.lines();
  return listener;
}

describe('what the feed tells of', () => {
  test('a daemon, a run, and each start', () => {
    const listener = new Listener();
    listener.rig.submit({
      ...aPlan([
        { id: 'a', title: 'First' },
        { id: 'b', done: true },
      ]),
      track: 'login',
      source: '/p.md',
    });
    expect(listener.lines()).toEqual([
      ['BUS_INIT', { pid: 1, version: '0' }],
      [
        'RUN_SUBMITTED',
        { run_id: 'run-1', name: 'sketch', track_id: 'login', plan: '/p.md', total: 2, done_before: 1 },
      ],
      [
        'WORKER_DISPATCHED',
        { ...of('a'), worker_id: 'worker-1', attempt_id: 'run-1.0.1', attempt: 1, title: 'First' },
      ],
    ]);
  });

  test('a complete task: who did it, how, and what it makes ready', () => {
    const told = listening({ id: 'a' }, { id: 'b', needs: ['a'] });
    told.rig.say({
      type: 'Exited',
      attempt: told.rig.attempt('a'),
      outcome: { kind: 'complete', commit: 'abc1234', warning: 'left children' },
      exit: { code: 0, signal: null, durationMs: 12 },
    });
    expect(told.lines()[0]).toEqual([
      'TASK_COMPLETE',
      {
        ...of('a'),
        worker_id: 'worker-1',
        attempt_id: 'run-1.0.1',
        commit_sha: 'abc1234',
        warning: 'left children',
        exit_code: 0,
        signal: null,
        duration_ms: 12,
        unblocks: ['b'],
      },
    ]);
  });

  test('a failed task, those skipped for its sake, and the end of the run', () => {
    const told = listening({ id: 'a' }, { id: 'b', needs: ['a'] });
    told.rig.fail('a');
    expect(told.lines()).toEqual([
      ['TASK_FAILED', { ...of('a'), worker_id: 'worker-1', attempt_id: 'run-1.0.1', error: 'exit code 1' }],
      ['TASK_SKIPPED', { ...of('b'), blocked_by: 'a', reason: 'Upstream task failed' }],
      ['TASK_BLOCKED', { ...of('b'), blocked_by: 'a', reason: 'Upstream task failed' }],
      [
        'RUN_COMPLETE',
        { run_id: 'run-1', verdict: 'FAIL', complete: 0, failed: 1, skipped: 1, cancelled: 0, attempts: 1 },
      ],
    ]);
  });

  test('a retry: when, and of what', () => {
    const told = listening({ id: 'a', retries: 1 });
    told.rig.fail('a');
    const [line] = told.lines();
    expect(line).toEqual([
      'TASK_RETRY',
      {
        ...of('a'),
        delay_ms: expect.any(Number),
        worker_id: 'worker-1',
        attempt_id: 'run-1.0.1',
        error: 'exit code 1',
      },
    ]);
  });

  test('a task that waits for a file, and for whom', () => {
    const listener = new Listener();
    listener.lines();
    listener.rig.submit(
      aPlan([
        { id: 'a', files: ['src'] },
        { id: 'b', files: ['src/x'] },
      ]),
    );
    expect(listener.lines().at(-1)).toEqual([
      'BLOCKED',
      { ...of('b'), waiting_for: 'run-1.0.1', resource: 'src/x' },
    ]);
  });

  test('stalls, lost workers, cancellations and second chances', () => {
    const told = listening({ id: 'a' }, { id: 'b' });
    told.rig.say({ type: 'Stalled', attempt: told.rig.attempt('a') });
    told.rig.say({ type: 'WorkerLost', worker: 'worker-2' as WorkerId, message: 'killed' });
    told.rig.say({ type: 'Cancel', run: 'run-1' as RunId, task: 'b' as TaskId });
    expect(told.lines()).toEqual([
      ['WORKER_STALLED', { ...of('a'), attempt_id: 'run-1.0.1' }],
      ['WORKER_REPLACED', { worker_id: 'worker-2', reason: 'killed' }],
    ]);
    told.rig.fail('b');
    told.rig.say({ type: 'Retry', run: 'run-1' as RunId, task: 'b' as TaskId });
    expect(told.lines().slice(0, 2)).toEqual([
      ['TASK_FAILED', expect.objectContaining({ ...of('b'), error: 'cancelled', cancelled: true })],
      ['TASK_RETRY', { ...of('b'), delay_ms: 0, revives: [] }],
    ]);
  });

  test('nothing, of what changes nothing that others see', () => {
    const told = listening({ id: 'a' });
    for (const message of [
      { type: 'Pause' },
      { type: 'Resume' },
      { type: 'SetLimit', maxParallel: 9 },
      { type: 'Drain' },
    ] as const)
      expect(told.rig.say(message)).toHaveLength(1);
    expect(told.lines()).toEqual([]);
  });
});

describe('a line’s id', () => {
  test('is its record’s number and its place in it', () => {
    const { rig } = listening({ id: 'a' }, { id: 'b', needs: ['a'] });
    rig.fail('a');
    const record = rig.records.at(-1);
    if (record === undefined) throw new Error('no record');
    const lines = feedOf(rig.state, record);
    expect(lines.map(({ id }) => id)).toEqual(lines.map((_, index) => `${record.seq}.${index}`));
    expect(lines.every(({ timestamp, source }) => timestamp === record.wall && source === 'signalbox')).toBe(
      true,
    );
    expect(feedSeq(lines[0]?.id ?? '', 'signalbox')).toBe(record.seq);
  });

  test.each([
    ['7.0', 'worker-1'],
    ['7', 'signalbox'],
    ['7.0.0', 'signalbox'],
    ['x7.0', 'signalbox'],
    ['', 'signalbox'],
  ])('%j of %s is none of ours', (id, source) => {
    expect(feedSeq(id, source)).toBeUndefined();
  });
});

test('a feed that was deleted is told again as it was, each attempt with its own end', () => {
  const told = listening({ id: 'a', retries: 2 });
  for (const message of ['first', 'second']) {
    told.rig.say({ type: 'Exited', attempt: told.rig.attempt('a'), outcome: { kind: 'lost', message } });
    told.rig.at += 1_000_000;
    told.rig.say({ type: 'Tick' });
  }
  told.rig.complete('a');
  const retries = told.rig.records
    .flatMap(record => feedOf(told.rig.state, record))
    .filter(({ type }) => type === 'TASK_RETRY');
  expect(retries.map(({ payload }) => [payload.attempt_id, payload.error])).toEqual([
    ['run-1.0.1', 'first'],
    ['run-1.0.2', 'second'],
  ]);
});
