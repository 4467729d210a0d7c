import { beforeEach, describe, expect, test } from '@jest/globals';
import { parseEventName } from '../../../bus-schema/event-name.js';
import type { RunId, TaskId } from '../../../bus-schema/ids.js';
import { meaningOf, type Drop, type Meaning } from '../../../daemon/scheduler/attribution.js';
import type { Attempt } from '../../../daemon/scheduler/state.js';
import { aPlan, SchedulerRig } from './rig.js';

const STALE = '0'.repeat(32);
/** Retries come at once, so that a second attempt needs no waiting. */
const AT_ONCE = { backoffFirstMs: 0, backoffLongestMs: 0 };

let rig: SchedulerRig;
beforeEach(() => {
  rig = new SchedulerRig();
  rig.submit(aPlan([{ id: '1.1', retries: 1 }, { id: '1.2' }, { id: '2.1', needs: ['1.1'] }], AT_ONCE));
});

function attempt(task: string): Attempt {
  const open = rig.state.attempts.get(rig.attempt(task));
  if (open === undefined) throw new Error(`task ${task} is not running`);
  return open;
}

/** An event file with an empty body, as young as can be. */
function drop(file: string, more: Partial<Drop> = {}): Drop {
  const name = parseEventName(file);
  if (name === undefined) throw new Error(`${file} is no event`);
  return { file, name, inode: 7, mtimeMs: rig.at, text: '', ...more };
}

const meaning = (file: string, more: Partial<Drop> = {}): Meaning => meaningOf(rig.state, drop(file, more));

function saying(meant: Meaning): unknown {
  return meant.kind === 'message' || meant.kind === 'request' ? meant.message : meant;
}

/** Carries out what the drop means. */
function take(file: string, more: Partial<Drop> = {}): void {
  const meant = meaning(file, more);
  if (meant.kind !== 'message') throw new Error(`${file} is ${meant.kind}`);
  rig.say(meant.message);
}

describe('a drop with a token', () => {
  test('ends the attempt of that token', () => {
    const { id, token } = attempt('1.1');
    const outcome = { kind: 'complete' } as const;
    const exit = { code: 0, signal: null, durationMs: 5 };
    expect(saying(meaning('TASK_COMPLETE_1.1.event', { token, outcome, exit }))).toEqual({
      type: 'Exited',
      attempt: id,
      outcome,
      exit,
    });
  });

  test('from within the attempt, it reports: the processes may still run', () => {
    const { id, token } = attempt('1.1');
    expect(saying(meaning('TASK_FAILED_1.1.event', { token, text: ' no good\n', mtimeMs: 0 }))).toEqual({
      type: 'Reported',
      attempt: id,
      outcome: { kind: 'failed', reason: 'reported', message: 'no good' },
      source: { file: 'TASK_FAILED_1.1.event', inode: 7, mtimeMs: 0 },
    });
  });

  test('may name the task as some writers do', () => {
    const { id, token } = attempt('1.1');
    expect(saying(meaning('TASK_COMPLETE_task-1.1.event', { token }))).toMatchObject({ attempt: id });
  });

  test.each([
    ['of another task', 'TASK_COMPLETE_1.2.event', (): string => attempt('1.1').token],
    ['of no attempt', 'TASK_COMPLETE_1.1.event', (): string => STALE],
    ['that is no token', 'TASK_COMPLETE_1.1.event', (): string => '__proto__'],
  ])('%s is a stray', (_what, file, token) => {
    expect(meaning(file, { token: token() })).toEqual({
      kind: 'stray',
      why: expect.stringContaining('token'),
    });
  });

  test('of an attempt that was given up does nothing to the next one', () => {
    const first = attempt('1.1');
    rig.say({ type: 'Exited', attempt: first.id, outcome: { kind: 'lost', message: 'its worker died' } });
    expect(attempt('1.1').number).toBe(2);
    const stale = { token: first.token, outcome: { kind: 'complete' }, run: 'run-1' } as const;
    expect(meaning('TASK_COMPLETE_1.1.event', stale)).toMatchObject({ kind: 'stray' });
  });

  test('told again after it was settled, it is known', () => {
    const { id, token } = attempt('1.2');
    const told = { run: 'run-1', attempt: id, token, outcome: { kind: 'complete' } } as const;
    take('TASK_COMPLETE_1.2.event', told);
    expect(rig.status('1.2')).toBe('complete');
    expect(meaning('TASK_COMPLETE_1.2.event', told)).toEqual({ kind: 'known', run: 'run-1' });
  });
});

describe('a drop without a token', () => {
  test('reports for the only open attempt of its task, with the commit it names', () => {
    expect(saying(meaning('TASK_COMPLETE_1.1.event', { text: 'abc1234\n' }))).toMatchObject({
      attempt: attempt('1.1').id,
      outcome: { kind: 'complete', commit: 'abc1234' },
    });
    expect(saying(meaning('TASK_COMPLETE_1.1.event', { text: 'PASS' }))).toMatchObject({
      outcome: { kind: 'complete' },
    });
    expect(saying(meaning('TASK_FAILED_1.1.event'))).toMatchObject({
      outcome: { kind: 'failed', reason: 'reported', message: 'reported as failed' },
    });
  });

  test('a whole outcome is only a report: that the processes are gone, a worker alone can say', () => {
    const outcome = { kind: 'failed', reason: 'exit', message: 'exit code 2' } as const;
    expect(saying(meaning('TASK_FAILED_1.1.event', { outcome }))).toMatchObject({
      type: 'Reported',
      outcome,
    });
  });

  test('a failure’s text is cut to what a person reads', () => {
    const said = saying(meaning('TASK_FAILED_1.1.event', { text: 'x'.repeat(100_000) }));
    expect(said).toMatchObject({ outcome: { message: 'x'.repeat(2000) } });
  });

  test('older than the attempt, it is a stray; by no more than a clock’s tick, it is not', () => {
    const { wallAt } = attempt('1.1');
    expect(meaning('TASK_COMPLETE_1.1.event', { mtimeMs: wallAt - 11 })).toMatchObject({
      kind: 'stray',
      why: expect.stringContaining('older'),
    });
    expect(meaning('TASK_COMPLETE_1.1.event', { mtimeMs: wallAt - 10 })).toMatchObject({ kind: 'message' });
  });

  test('when two runs have the task, it must say which', () => {
    rig.submit(aPlan([{ id: '1.1' }]), 'run-2');
    expect(meaning('TASK_COMPLETE_1.1.event')).toMatchObject({
      kind: 'stray',
      why: expect.stringMatching(/run-1 and run-2/),
    });
    expect(meaning('TASK_COMPLETE_1.1.event', { run: 'run-2' })).toMatchObject({
      kind: 'message',
      run: 'run-2',
    });
    expect(meaning('TASK_COMPLETE_1.1.event', { run: 'run-3' })).toMatchObject({ kind: 'stray' });
  });

  test('task-1.1 is task 1.1, unless the plan has one of that very name', () => {
    expect(saying(meaning('TASK_COMPLETE_task-1.1.event'))).toMatchObject({ attempt: attempt('1.1').id });
    const other = new SchedulerRig();
    other.submit(aPlan([{ id: '1.1' }, { id: 'task-1.1', needs: ['1.1'] }]));
    expect(meaningOf(other.state, drop('TASK_COMPLETE_task-1.1.event'))).toMatchObject({ kind: 'stray' });
  });

  test.each(['9.9', 'constructor', 'hasOwnProperty', 'toString', 'task-', 'task-constructor'])(
    'for %s, which no plan has, it is a stray',
    id => {
      for (const run of [undefined, '__proto__', 'constructor']) {
        const more = run === undefined ? {} : { run };
        expect(meaning(`TASK_COMPLETE_${id}.event`, more)).toMatchObject({ kind: 'stray' });
        expect(meaning(`TASK_FAILED_${id}.event`, { ...more, token: STALE })).toMatchObject({
          kind: 'stray',
        });
        expect(meaning(`PROGRESS_${id}.event`, more)).toMatchObject({ kind: 'stray' });
      }
    },
  );

  test('for a task that has not begun, it is a stray', () => {
    expect(meaning('TASK_COMPLETE_2.1.event')).toMatchObject({ kind: 'stray' });
  });
});

describe('after the attempt is settled', () => {
  beforeEach(() => {
    take('TASK_COMPLETE_task-1.1.event', { inode: 11 });
    rig.complete('1.1');
    rig.at += 60_000;
  });

  test('the file that told the outcome is known, under whichever name it came', () => {
    const told = { inode: 11, mtimeMs: rig.at - 60_000 };
    expect(meaning('TASK_COMPLETE_task-1.1.event', told)).toEqual({ kind: 'known', run: 'run-1' });
  });

  test.each([
    ['the task’s own check', 'not-accepted'],
    ['its output', 'no-output'],
  ] as const)('the file that told it is known even when %s had the last word', (_name, reason) => {
    const told = { inode: 21, mtimeMs: rig.at };
    take('TASK_COMPLETE_1.2.event', told);
    const outcome = { kind: 'failed', reason, message: 'no' } as const;
    rig.say({ type: 'Exited', attempt: rig.attempt('1.2'), outcome });
    expect(rig.status('1.2')).toBe('failed');
    expect(meaning('TASK_COMPLETE_1.2.event', told)).toEqual({ kind: 'known', run: 'run-1' });
    expect(meaning('TASK_COMPLETE_1.2.event', { inode: 22 })).toMatchObject({ kind: 'stray' });
  });

  test('the file that told it ends no task of the same name in another run, even when the clock was set back', () => {
    const told = { inode: 31, mtimeMs: rig.at };
    take('TASK_COMPLETE_1.2.event', told);
    rig.complete('1.2');
    rig.at -= 3_600_000;
    rig.submit(aPlan([{ id: '1.2' }]), 'run-2');
    expect(meaning('TASK_COMPLETE_1.2.event', told)).toEqual({ kind: 'known', run: 'run-1' });
  });

  test('one that came while another run’s task of that name still ran is nobody’s', () => {
    rig.submit(aPlan([{ id: '1.2' }]), 'run-2');
    const mtimeMs = rig.at + 50;
    rig.at += 100;
    rig.complete('1.2');
    const said = meaning('TASK_COMPLETE_1.2.event', { inode: 41, mtimeMs });
    expect(said).toMatchObject({ kind: 'stray', why: expect.stringContaining('both ran a task 1.2') });
    rig.at += 100;
    expect(meaning('TASK_COMPLETE_1.2.event', { inode: 42 })).toMatchObject({
      kind: 'message',
      run: 'run-2',
    });
  });

  test('nor is it another’s when that task has been tried again since', () => {
    rig.submit(aPlan([{ id: '9', retries: 1 }]), 'run-2');
    rig.submit(aPlan([{ id: '9' }]), 'run-3');
    const mtimeMs = rig.at + 50;
    rig.at += 100;
    for (let tried = 0; tried < 2; tried++) {
      const [open] = [...rig.state.attempts.values()].filter(({ node }) => node.run.id === 'run-2');
      const outcome = { kind: 'failed', reason: 'exit', message: 'exit code 1' } as const;
      if (open === undefined) throw new Error('nothing of run-2 runs');
      rig.say({ type: 'Exited', attempt: open.id, outcome });
      rig.at += 60_000;
      rig.say({ type: 'Tick' });
    }
    expect(meaning('TASK_FAILED_9.event', { inode: 61, mtimeMs })).toMatchObject({ kind: 'stray' });
  });

  test('one that tells of two tasks counts for both, as do two lines of the same moment', () => {
    const told = { inode: 51, mtimeMs: rig.at };
    rig.submit(aPlan([{ id: '3.1' }, { id: '3.2' }, { id: '3.3' }, { id: '3.4' }]), 'run-3');
    take('TASK_COMPLETE_3.1.event', told);
    take('TASK_COMPLETE_3.2.event', told);
    take('TASK_COMPLETE_3.3.event', { inode: 0, mtimeMs: rig.at, isLine: true });
    take('TASK_COMPLETE_3.4.event', { inode: 0, mtimeMs: rig.at, isLine: true });
  });

  test('a late duplicate is known, a late contradiction is a stray', () => {
    expect(meaning('TASK_COMPLETE_1.1.event', { inode: 12 })).toEqual({ kind: 'known', run: 'run-1' });
    expect(meaning('TASK_FAILED_1.1.event', { inode: 13 })).toMatchObject({ kind: 'stray' });
  });

  test('an old duplicate is a stray: it was there before the attempt', () => {
    expect(meaning('TASK_COMPLETE_1.1.event', { inode: 14, mtimeMs: 1 })).toMatchObject({ kind: 'stray' });
  });
});

describe('signs and requests', () => {
  test.each([
    ['PROGRESS_1.1.event', '1.1'],
    ['PROGRESS_task-1.2.event', '1.2'],
    ['BLOCKED_1.2.event', '1.2'],
    ['HEARTBEAT_worker-2.event', '1.2'],
  ])('%s is a sign of task %s', (file, task) => {
    expect(meaning(file, { progress: 40 })).toEqual({ kind: 'sign', attempt: attempt(task), progress: 40 });
  });

  test('with a token, a sign is that attempt’s alone', () => {
    const { token } = attempt('1.2');
    expect(meaning('HEARTBEAT_worker-1.event', { token })).toMatchObject({ attempt: attempt('1.2') });
    expect(meaning('PROGRESS_1.1.event', { token: STALE })).toMatchObject({ kind: 'stray' });
  });

  test('a sign of nobody is a stray', () => {
    expect(meaning('HEARTBEAT_worker-9.event')).toMatchObject({ kind: 'stray' });
  });

  test('a pause can be asked for by anyone', () => {
    expect(saying(meaning('PAUSE_REQUESTED.event'))).toEqual({ type: 'Pause' });
  });

  test.each(['DEP_READY_9.9.event', 'PARALLEL_COMPLETE_run-1.event', 'FILE_UNLOCK_all.event'])(
    '%s is passed over',
    file => {
      expect(meaning(file)).toEqual({ kind: 'passed-over' });
    },
  );

  test('what an earlier daemon said of a run goes with that run: the last it could be about', () => {
    expect(meaning('DEP_READY_2.1.event')).toEqual({ kind: 'known', run: 'run-1' });
    rig.say({ type: 'Cancel', run: 'run-1' as RunId });
    for (const { id } of [...rig.state.attempts.values()])
      rig.say({ type: 'Exited', attempt: id, outcome: { kind: 'cancelled', message: 'cancelled' } });
    expect(meaning('PARALLEL_COMPLETE_run-1.event')).toEqual({ kind: 'known', run: 'run-1' });
  });
});

test('ids come as they are: a task may be called constructor', () => {
  rig.submit(aPlan([{ id: 'constructor' }]), 'toString');
  const node = rig.state.runs.get('toString' as RunId)?.byId.get('constructor' as TaskId);
  expect(meaning('TASK_COMPLETE_constructor.event')).toMatchObject({ kind: 'message', run: 'toString' });
  take('TASK_COMPLETE_constructor.event');
  rig.complete('constructor');
  expect(node?.status).toMatchObject({ kind: 'ended' });
});
