import { describe, expect, test } from '@jest/globals';
import type { WorkerId } from '../../../bus-schema/ids.js';
import { locksView } from '../../../daemon/projections/locks-view.js';
import { progressView } from '../../../daemon/projections/progress-view.js';
import { workerStatusView } from '../../../daemon/projections/worker-status-view.js';
import { aPlan, SchedulerRig } from '../scheduler/rig.js';

const WALL = '1970-01-01T00:16:40.000Z';

test('where nothing has run, locks.json and worker-status.json are empty objects', () => {
  const { state } = new SchedulerRig();
  expect(JSON.stringify(locksView(state))).toBe('{}');
  expect(JSON.stringify(workerStatusView(state, { workers: new Map(), progress: new Map() }))).toBe('{}');
});

describe('locks.json', () => {
  test('names each path that is held, by whom, and when that must end', () => {
    const rig = new SchedulerRig();
    rig.submit(
      aPlan([
        { id: 'a', files: ['src', 'docs'], timeoutMs: 60_000 },
        { id: 'b', files: ['src/x'] },
      ]),
    );
    const entry = {
      worker_id: 'worker-1',
      task_id: 'a',
      run_id: 'run-1',
      acquired_at: WALL,
      expires_at: '1970-01-01T00:17:40.000Z',
    };
    expect(locksView(rig.state)).toEqual({ src: entry, docs: entry });
    rig.complete('a');
    expect(Object.keys(locksView(rig.state))).toEqual(['src/x']);
  });

  test('a path named __proto__ is a path', () => {
    const rig = new SchedulerRig();
    rig.submit(aPlan([{ id: 'a', files: ['__proto__', 'constructor'] }]));
    const text = JSON.stringify(locksView(rig.state));
    expect(text).toMatch(/^\{"__proto__":\{"worker_id":"worker-1".*"constructor":\{"worker_id":"worker-1"/);
    expect('worker_id' in {}).toBe(false);
  });
});

describe('worker-status.json', () => {
  test('has what a worker does, else what it did last', () => {
    const rig = new SchedulerRig();
    rig.submit(aPlan([{ id: 'a' }, { id: 'b' }, { id: 'c' }]));
    const attempt = rig.attempt('a');
    const sight = {
      workers: new Map([['worker-1' as WorkerId, { pid: 77, lastBeat: '2026-01-01T00:00:00.000Z' }]]),
      progress: new Map([[attempt, 40]]),
    };
    rig.complete('b');
    rig.fail('c');
    expect(workerStatusView(rig.state, sight)).toEqual({
      'worker-1': {
        task_id: 'a',
        status: 'RUNNING',
        progress_pct: 40,
        started_at: WALL,
        last_heartbeat: '2026-01-01T00:00:00.000Z',
        pid: 77,
        attempt,
      },
      'worker-2': {
        task_id: 'b',
        status: 'COMPLETE',
        progress_pct: 100,
        started_at: WALL,
        last_heartbeat: WALL,
        pid: 0,
        attempt: 'run-1.1.1',
      },
      'worker-3': {
        task_id: 'c',
        status: 'FAILED',
        progress_pct: 0,
        started_at: WALL,
        last_heartbeat: WALL,
        pid: 0,
        attempt: 'run-1.2.1',
      },
    });
  });
});

describe('progress.txt', () => {
  test('says so when there is nothing to say', () => {
    expect(progressView(new SchedulerRig().state, 0)).toBe('no run yet\n');
  });

  test('has each run that goes on with what runs in it, and the last that ended', () => {
    const rig = new SchedulerRig();
    rig.submit(aPlan([{ id: 'old' }]), 'run-0');
    rig.complete('old');
    rig.submit(aPlan([{ id: 'a' }]), 'run-1');
    rig.fail('a');
    rig.submit(
      aPlan(
        [
          { id: 'b', title: 'Build\n\u001b[31mit' },
          { id: 'c', retries: 1 },
          { id: 'd', needs: ['b'] },
          { id: 'e', done: true },
        ],
        {
          backoffFirstMs: 0,
        },
      ),
      'run-2',
    );
    rig.fail('c');
    rig.say({ type: 'Stalled', attempt: rig.attempt('c') });
    rig.at += 65_000;
    expect(progressView(rig.state, rig.at)).toBe(
      [
        'run run-1 (sketch): FAIL, 0/1 complete, 1 failed, 0 running, 0 left, 0ms',
        '',
        'run run-2 (sketch): running, 1/4 complete, 1 of them before, 0 failed, 2 running, 1 left, 1m05s',
        '  worker-1  b  Build\\x0a\\x1b[31mit  1m05s',
        '  worker-2  c  c  1m05s, attempt 2, being ended (stalled)',
        '',
      ].join('\n'),
    );
  });

  test('says when nothing new is started', () => {
    const rig = new SchedulerRig();
    rig.submit(aPlan([{ id: 'a' }]));
    rig.say({ type: 'Drain' });
    expect(progressView(rig.state, rig.at)).toMatch(/^draining: nothing new is started\nrun run-1/);
    rig.say({ type: 'Pause' });
    expect(progressView(rig.state, rig.at)).toMatch(/^paused: nothing new is started\nrun run-1/);
  });
});
