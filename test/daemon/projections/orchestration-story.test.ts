import { describe, expect, test } from '@jest/globals';
import type { RunId, TaskId, WorkerId } from '../../../bus-schema/ids.js';
import type { Message } from '../../../bus-schema/message.js';
import { feedOf } from '../../../daemon/projections/feed.js';
import { orchestrationStatus } from '../../../daemon/projections/orchestration-status.js';
import { OrchestrationStory } from '../../../daemon/projections/orchestration-story.js';
import { aPlan, SchedulerRig } from '../scheduler/rig.js';
import { grouped } from './orchestration-plan.js';

/** A run, and a story that hears each message of its feed: what a user would have seen since the last look. */
class Listener {
  readonly rig = new SchedulerRig();
  story: OrchestrationStory | undefined;
  #heard = 0;

  begin(plan: ReturnType<typeof aPlan>): string[] {
    this.rig.submit(plan);
    this.story = new OrchestrationStory(this.run);
    return this.lines();
  }

  get run(): ConstructorParameters<typeof OrchestrationStory>[0] {
    const run = this.rig.state.runs.get('run-1' as RunId);
    if (run === undefined) throw new Error('there is no run');
    return run;
  }

  lines(): string[] {
    return this.messages().flatMap(message => this.story?.hear(message).map(({ text }) => text) ?? []);
  }

  messages(): Message[] {
    const records = this.rig.records.slice(this.#heard);
    this.#heard = this.rig.records.length;
    return records
      .flatMap(record => feedOf(this.rig.state, record))
      .map(message => JSON.parse(JSON.stringify(message)) as Message);
  }

  /** Time goes on, and with it what waits for a time. */
  pass(ms: number): void {
    this.rig.at += ms;
    this.rig.say({ type: 'Tick' });
  }

  late(): string[] {
    return this.story?.lastingWaits(this.rig.at).map(({ text }) => text) ?? [];
  }

  /** The same text, whether from the daemon's state or from what was heard. */
  expectSameStatus(): void {
    expect(this.story?.status(this.rig.at)).toBe(orchestrationStatus(this.run, { at: this.rig.at }));
  }
}

const lost = { kind: 'lost', message: 'its worker died' } as const;

describe('a run’s lines', () => {
  test('from start to end, group by group', () => {
    const told = new Listener();
    expect(
      told.begin(grouped([[{ id: 'T001' }, { id: 'T002' }], [{ id: 'T003', needs: ['T001'] }]])),
    ).toEqual(['⚡ T001 started by worker-1', '⚡ T002 started by worker-2']);
    told.expectSameStatus();
    told.pass(4000);
    told.rig.complete('T002');
    expect(told.lines()).toEqual(['✓ T002 completed by worker-2']);
    told.pass(8000);
    told.rig.complete('T001');
    expect(told.lines()).toEqual([
      '✓ T001 completed by worker-1',
      '═══ Group G1 completed: 2 tasks in 12s ═══',
      '⚡ T003 started by worker-1',
    ]);
    told.expectSameStatus();
    told.pass(1000);
    told.rig.complete('T003');
    expect(told.lines()).toEqual([
      '✓ T003 completed by worker-1',
      '═══ Group G2 completed: 1 task in 1s ═══',
    ]);
    expect(told.story?.verdict).toBe('PASS');
    told.expectSameStatus();
  });

  test('a failure with attempts left, and the last one with all that follows', () => {
    const told = new Listener();
    told.begin(
      grouped([[{ id: 'T001', retries: 1 }, { id: 'T002' }], [{ id: 'T003', needs: ['T001'] }]], {
        backoffFirstMs: 1000,
      }),
    );
    told.rig.complete('T002');
    told.rig.fail('T001');
    expect(told.lines()).toEqual([
      '✓ T002 completed by worker-2',
      '✗ T001 failed: exit code 1',
      expect.stringMatching(/^⏳ T001 again in \d+ms \(attempt 2 of 2\)$/),
    ]);
    told.expectSameStatus();
    told.pass(3000);
    expect(told.lines()).toEqual(['⚡ T001 started by worker-1']);
    told.rig.fail('T001');
    expect(told.lines()).toEqual([
      '✗ T001 failed: exit code 1',
      '═══ Group G1 completed: 1 of 2 tasks in 3s ═══',
      '– T003 skipped: T001 failed',
    ]);
    told.expectSameStatus();
  });

  test('a worker that died is replaced, and its task resumed if it has an attempt left', () => {
    const told = new Listener();
    told.begin(
      grouped(
        [
          [
            { id: 'T004', retries: 2 },
            { id: 'T005', retries: 0 },
          ],
        ],
        { backoffFirstMs: 10 },
      ),
    );
    told.rig.say({ type: 'WorkerLost', worker: 'worker-1' as WorkerId, message: 'killed by SIGKILL' });
    told.rig.say({ type: 'Exited', attempt: told.rig.attempt('T004'), outcome: lost });
    expect(told.lines()).toEqual(['⚠️ Worker-1 replaced, resuming T004']);
    told.pass(10);
    expect(told.lines()).toEqual(['⚡ T004 started by worker-1']);
    told.rig.say({ type: 'WorkerLost', worker: 'worker-2' as WorkerId, message: 'killed by SIGKILL' });
    told.rig.say({ type: 'Exited', attempt: told.rig.attempt('T005'), outcome: lost });
    expect(told.lines()).toEqual(['⚠️ Worker-2 replaced', '✗ T005 failed: lost worker']);
  });

  test('a worker that died before it had begun: what its successor’s attempt fails of is told', () => {
    const told = new Listener();
    told.begin(grouped([[{ id: 'T001', retries: 2 }]]));
    told.rig.say({ type: 'WorkerLost', worker: 'worker-1' as WorkerId, message: 'killed by SIGKILL' });
    told.rig.fail('T001');
    expect(told.lines().slice(0, 2)).toEqual([
      '⚠️ Worker-1 replaced, resuming T001',
      '✗ T001 failed: exit code 1',
    ]);
  });

  test('a worker of another run is of no concern, nor is what else happens there', () => {
    const told = new Listener();
    told.begin(grouped([[{ id: 'T001' }]]));
    told.rig.submit(aPlan([{ id: 'T001' }]), 'run-2');
    told.rig.say({ type: 'WorkerLost', worker: 'worker-2' as WorkerId, message: 'killed' });
    expect(told.lines()).toEqual([]);
  });

  test('a cancelled run says so, and what else it took down', () => {
    const told = new Listener();
    told.begin(grouped([[{ id: 'T001' }, { id: 'T002' }], [{ id: 'T003', needs: ['T002'] }]]));
    told.rig.say({ type: 'Cancel', run: 'run-1' as RunId, task: 'T002' as TaskId });
    told.rig.fail('T002');
    expect(told.lines()).toEqual(['– T002 cancelled', '– T003 skipped: T002 cancelled']);
    told.expectSameStatus();
    told.rig.say({ type: 'Cancel', run: 'run-1' as RunId });
    told.rig.fail('T001');
    expect(told.lines()).toEqual([
      '– T001 cancelled',
      '═══ Group G1 completed: 0 of 2 tasks in 0s ═══',
      '⚠️ Execution stopped: the run was cancelled',
    ]);
    expect(told.story?.verdict).toBe('STOPPED');
  });

  test('when all of the first priority failed, the run says why it stops', () => {
    const told = new Listener();
    told.begin(grouped([[{ id: 'T001', priority: 0 }], [{ id: 'T002' }]], { vital: 0 }));
    told.lines();
    told.rig.fail('T001');
    expect(told.lines()).toEqual([
      '✗ T001 failed: exit code 1',
      '═══ Group G1 completed: 0 of 1 task in 0s ═══',
      '– T002 cancelled',
      '⚠️ Execution stopped: all P0 tasks failed',
    ]);
  });

  test('an operator’s second chance opens again what was over', () => {
    const told = new Listener();
    told.begin(grouped([[{ id: 'T001' }], [{ id: 'T002', needs: ['T001'] }]]));
    told.rig.fail('T001');
    told.lines();
    expect(told.story?.verdict).toBe('FAIL');
    told.rig.say({ type: 'Retry', run: 'run-1' as RunId, task: 'T001' as TaskId });
    expect(told.lines()).toEqual(['⏳ T001 again, as an operator asked', '⚡ T001 started by worker-1']);
    expect(told.story?.verdict).toBeUndefined();
    told.expectSameStatus();
    told.rig.complete('T001');
    told.rig.complete('T002');
    expect(told.lines()).toEqual([
      '✓ T001 completed by worker-1',
      '═══ Group G1 completed: 1 task in 0s ═══',
      '⚡ T002 started by worker-1',
      '✓ T002 completed by worker-1',
      '═══ Group G2 completed: 1 task in 0s ═══',
    ]);
  });

  test('a warning stands below the line of its task', () => {
    const told = new Listener();
    told.begin(grouped([[{ id: 'T001' }, { id: 'T002' }]]));
    const outcome = { kind: 'complete', warning: 'children outlived the command' } as const;
    told.rig.say({ type: 'Exited', attempt: told.rig.attempt('T001'), outcome });
    expect(told.lines()).toEqual(['✓ T001 completed by worker-1', '⚠️ T001: children outlived the command']);
  });

  test('broken and unknown messages are worth nothing', () => {
    const told = new Listener();
    told.begin(grouped([[{ id: 'T001' }]]));
    const hear = (type: string, payload: Message['payload']): unknown =>
      told.story?.hear({ id: 'x', type, source: 'x', timestamp: 'x', payload });
    expect(hear('TASK_FAILED', { run_id: 'run-1', task_id: 5 })).toEqual([]);
    expect(hear('TASK_COMPLETE', { run_id: 'run-1', task_id: 'T009' })).toEqual([]);
    expect(hear('WORKER_REPLACED', {})).toEqual([]);
    expect(hear('FILE_LOCK', { run_id: 'run-1', task_id: 'T001' })).toEqual([]);
    expect(hear('SOMETHING_NEW', { run_id: 'run-1', task_id: 'T001' })).toEqual([]);
    told.expectSameStatus();
  });
});

describe('a file that is held', () => {
  const contested = (): Listener => {
    const told = new Listener();
    told.begin(
      grouped([
        [
          { id: 'T001', files: ['src'] },
          { id: 'T002', files: ['src/a.ts'] },
        ],
      ]),
    );
    return told;
  };

  test('is told when that lasts, once for a task', () => {
    const told = contested();
    told.expectSameStatus();
    told.pass(5000);
    expect(told.late()).toEqual([]);
    told.pass(1);
    expect(told.late()).toEqual(['⏳ T002 waits: src/a.ts is locked by worker-1']);
    told.pass(60_000);
    expect(told.late()).toEqual([]);
  });

  test('is not told when it came free in time', () => {
    const told = contested();
    told.pass(4000);
    told.rig.complete('T001');
    expect(told.lines()).toContain('⚡ T002 started by worker-1');
    told.pass(60_000);
    expect(told.late()).toEqual([]);
  });

  test('may be held by another run', () => {
    const told = new Listener();
    told.rig.submit(aPlan([{ id: 'other', files: ['src'] }]), 'run-0');
    told.begin(grouped([[{ id: 'T001', files: ['src/a.ts'] }]]));
    told.pass(6000);
    expect(told.late()).toEqual(['⏳ T001 waits: src/a.ts is locked by another run']);
    told.expectSameStatus();
  });

  test('goes from one holder to the next', () => {
    const told = new Listener();
    const file = { files: ['src/a.ts'] };
    told.begin(
      grouped([
        [
          { id: 'T001', ...file },
          { id: 'T002', ...file },
          { id: 'T003', ...file },
        ],
      ]),
    );
    told.pass(3000);
    told.rig.complete('T001');
    told.lines();
    told.expectSameStatus();
    told.pass(3000);
    expect(told.late()).toEqual(['⏳ T003 waits: src/a.ts is locked by worker-1']);
  });
});

describe('a file that a task asks for while it runs', () => {
  const hear = (told: Listener, type: string, payload: Message['payload']): string[] => {
    const timestamp = new Date(told.rig.at).toISOString();
    const message = {
      id: 'x',
      type,
      source: 'signalbox',
      timestamp,
      payload: { run_id: 'run-1', ...payload },
    };
    return told.story?.hear(message).map(({ text }) => text) ?? [];
  };
  const side = (): Listener => {
    const told = new Listener();
    told.begin(grouped([[{ id: 'T001' }, { id: 'T002' }]]));
    hear(told, 'FILE_LOCK', { task_id: 'T001', worker_id: 'worker-1', filepath: 'src/a.ts' });
    return told;
  };
  const asks = { task_id: 'T002', waiting_for: 'run-1.0.1', resource: 'src/a.ts' };

  test('is waited for without the task’s ceasing to run', () => {
    const told = side();
    expect(hear(told, 'BLOCKED', asks)).toEqual([]);
    expect(told.story?.status(told.rig.at)).toContain('⚡ T002: Running on worker-2\n');
    told.pass(5001);
    expect(told.late()).toEqual(['⏳ T002 waits: src/a.ts is locked by worker-1']);
  });

  test('and gets in time is no line', () => {
    const told = side();
    hear(told, 'BLOCKED', asks);
    hear(told, 'FILE_UNLOCK', { task_id: 'T001', filepath: 'src/a.ts' });
    hear(told, 'FILE_LOCK', { task_id: 'T002', filepath: 'src/a.ts' });
    told.pass(9000);
    expect(told.late()).toEqual([]);
  });

  test('may be held by a program that goes by a name of its own', () => {
    const told = side();
    hear(told, 'BLOCKED', { ...asks, waiting_for: 'editor', resource: 'docs' });
    told.pass(5001);
    expect(told.late()).toEqual(['⏳ T002 waits: docs is locked by editor']);
  });

  test('ends the attempt where the plan has it so, and the task comes again last', () => {
    const told = side();
    const error = 'asked for a file that another task holds; it comes again after the others';
    expect(
      hear(told, 'TASK_RETRY', {
        task_id: 'T002',
        attempt_id: 'run-1.1.1',
        delay_ms: 0,
        deferred: true,
        error,
      }),
    ).toEqual(['✗ T002 failed: file locked', '⏳ T002 deferred until the others are done']);
    expect(told.story?.status(told.rig.at)).toContain('⏳ T002: Deferred (file locked)\n');
  });
});

test('a run that goes on is told from where it stands', () => {
  const told = new Listener();
  told.begin(
    grouped([
      [{ id: 'T001' }, { id: 'T002' }, { id: 'T003', retries: 1 }, { id: 'T000', done: true }],
      [{ id: 'T004' }],
    ]),
  );
  told.pass(2000);
  told.rig.complete('T001');
  told.rig.fail('T003');
  told.messages();
  told.story = new OrchestrationStory(told.run);
  told.expectSameStatus();
  told.pass(5000);
  expect(told.lines()).toEqual(['⚡ T003 started by worker-1']);
  told.rig.complete('T002');
  told.rig.complete('T003');
  expect(told.lines()).toEqual([
    '✓ T002 completed by worker-2',
    '✓ T003 completed by worker-1',
    '═══ Group G1 completed: 4 tasks in 7s ═══',
    '⚡ T004 started by worker-1',
  ]);
});
