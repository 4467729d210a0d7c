import { describe, expect, test } from '@jest/globals';
import type { AttemptId, RunId, TaskId } from '../../bus-schema/ids.js';
import type { Outcome } from '../../bus-schema/outcome.js';
import type { Plan } from '../../bus-schema/plan.js';
import type { Loop } from '../../daemon/loop.js';
import { feedOf } from '../../daemon/projections/feed.js';
import type { Message } from '../../daemon/scheduler/message.js';
import type { Attempt } from '../../daemon/scheduler/state.js';
import { judge } from '../oracle/journal-oracle.js';
import { Crash, LoopWorld } from './loop-world.js';
import { aPlan } from './scheduler/rig.js';

const RUN = 'run-1' as RunId;

const submit = (plan: Plan): Message => ({
  type: 'Submit',
  run: RUN,
  plan,
  planDigest: 'p',
  workDigest: 'w',
});
const complete = (attempt: string): Message => ({
  type: 'Exited',
  attempt: attempt as AttemptId,
  outcome: { kind: 'complete' },
});

function begun(plan: Plan): { world: LoopWorld; loop: Loop } {
  const world = new LoopWorld();
  const loop = world.live();
  world.tell(loop, submit(plan));
  return { world, loop };
}

describe('a turn', () => {
  test('makes its decision durable, then acts, then tells', () => {
    const { world, loop } = begun(aPlan([{ id: 'a' }, { id: 'b', needs: ['a'] }]));
    const before = world.calls.length;
    world.tell(loop, complete('run-1.0.1'));
    expect(world.calls.slice(before)).toEqual([
      'append',
      'sync',
      'start run-1.1.1',
      'signal DEP_READY b',
      'announce',
      'views',
    ]);
  });

  test('settles one task and starts the next in one record', () => {
    const { world, loop } = begun(aPlan([{ id: 'a' }, { id: 'b', needs: ['a'] }]));
    world.tell(loop, complete('run-1.0.1'));
    expect(world.durable.at(-1)?.facts.map(fact => fact.type)).toEqual([
      'AttemptSettled',
      'TaskEnded',
      'AttemptStarted',
    ]);
  });

  test('writes once and syncs once, however many messages there are', () => {
    const tasks = Array.from({ length: 60 }, (_, index) => ({ id: `t${index}` }));
    const { world, loop } = begun(aPlan(tasks, { maxParallel: 60 }));
    world.tell(loop, { type: 'SetLimit', maxParallel: 60 });
    expect(loop.state.attempts.size).toBe(60);
    const before = world.calls.length;
    world.tell(loop, ...[...loop.state.attempts.keys()].map(complete));
    const calls = world.calls.slice(before);
    expect(calls.filter(call => call === 'append' || call === 'sync')).toEqual(['append', 'sync']);
    expect(calls.filter(call => call === 'announce')).toHaveLength(1);
    expect(world.finished).toEqual([RUN]);
  });

  test('without any effect writes nothing', () => {
    const { world, loop } = begun(aPlan([{ id: 'a' }]));
    const before = world.calls.length;
    world.tell(loop, complete('run-1.7.1'), { type: 'Resume' });
    loop.post(() => undefined);
    loop.turn();
    expect(world.calls.slice(before)).toEqual([]);
  });

  test('asks each message of the state that the one before it left', () => {
    const { world, loop } = begun(aPlan([{ id: 'a' }, { id: 'b' }]));
    const seen: number[] = [];
    loop.post(
      () => complete('run-1.0.1'),
      state => {
        seen.push(state.attempts.size);
        return complete('run-1.1.1');
      },
    );
    loop.turn();
    expect(seen).toEqual([1]);
    expect(world.finished).toEqual([RUN]);
  });

  test.each(['append', 'sync'])('that cannot %s acts on nothing', failing => {
    const { world, loop } = begun(aPlan([{ id: 'a' }, { id: 'b', needs: ['a'] }]));
    world.dieAt = world.calls.length + (failing === 'append' ? 1 : 2);
    const last = world.durable.length;
    expect(() => world.tell(loop, complete('run-1.0.1'))).toThrow(Crash);
    expect(world.calls.at(-1)).toBe(failing);
    expect(world.durable).toHaveLength(last);
    expect(world.started.size).toBe(1);
  });
});

test('catching up tells of all records, and acts again on the last, but never on attempts', () => {
  const { world, loop } = begun(
    aPlan([{ id: 'a' }, { id: 'b', needs: ['a'] }, { id: 'c' }, { id: 'd', needs: ['c'] }]),
  );
  world.tell(loop, complete('run-1.0.1'));
  world.tell(
    loop,
    complete('run-1.2.1'),
    { type: 'Cancel', run: RUN, task: 'b' as TaskId },
    { type: 'WorkerLost', worker: 'worker-1' as Attempt['worker'], message: 'gone' },
  );
  expect(world.calls).toEqual(
    expect.arrayContaining(['start run-1.3.1', 'stop run-1.1.1', 'replace worker-1']),
  );
  const before = world.calls.length;
  loop.catchUp(world.durable);
  const told = world.durable.map(() => 'announce');
  expect(world.calls.slice(before)).toEqual(['signal DEP_READY d', ...told]);
});

describe('wherever the daemon dies', () => {
  const work = { kind: 'shell', command: 'true' } as const;
  const plan = aPlan(
    [
      { id: 'a', files: ['x'], review: { review: work, fix: work, rounds: 2, blockOn: 'low' } },
      { id: 'b', needs: ['a'], retries: 1 },
      { id: 'c', files: ['x'] },
      { id: 'd', needs: ['b', 'c'] },
      { id: 'bad' },
      { id: 'skipped', needs: ['bad'] },
      { id: 'last', needs: ['d'] },
    ],
    { maxParallel: 3 },
  );
  const outcomeOf = ({ node, number, stage }: Attempt): Outcome => {
    if (node.task.id === 'bad' || (node.task.id === 'b' && number === 1))
      return { kind: 'failed', reason: 'exit', message: 'exit code 1' };
    const issue = { severity: 'low', location: 'x:1', issue: 'wrong' } as const;
    const verdict = { approved: number > 2, summary: '', issues: number > 2 ? [] : [issue] };
    return stage === 'review' ? { kind: 'complete', verdict } : { kind: 'complete' };
  };
  const wanted = {
    a: 'complete',
    b: 'complete',
    c: 'complete',
    d: 'complete',
    bad: 'failed',
    skipped: 'skipped',
    last: 'complete',
  };

  /** One daemon's life, from its start to the run's end: whoever submits repeats it, and ends are told until they are settled. */
  function lead(world: LoopWorld): void {
    const loop = world.live();
    world.tell(loop, submit(plan));
    for (let step = 0; loop.state.active.size > 0; step++) {
      if (step > 100) throw new Error('the run does not come to its end');
      world.at += 1000;
      world.tell(loop, ...world.ends(loop.state, outcomeOf), { type: 'Tick' });
    }
  }

  function leadThrough(world: LoopWorld, kept: boolean, dieAgainIn = Infinity): void {
    for (let lives = 0; lives < 200; lives++) {
      try {
        lead(world);
        return;
      } catch (error) {
        if (!(error instanceof Crash)) throw error;
        world.afterCrash(kept);
        world.dieAt = world.calls.length + dieAgainIn;
      }
    }
    throw new Error('no life came to the end of the run');
  }

  function expectAllIsWell(world: LoopWorld): void {
    const verdict = judge(world.durable, RUN);
    expect(verdict.violations).toEqual([]);
    expect(Object.fromEntries(verdict.ends)).toEqual(wanted);
    // Work, review, fix, review.
    expect(verdict.started.get('a')).toBe(4);
    const facts = world.durable.flatMap(record => record.facts);
    const ends = facts.flatMap(fact => (fact.type === 'TaskEnded' ? [fact.task] : []));
    expect(ends.sort()).toEqual(Object.keys(wanted).sort());
    expect([...world.started].sort()).toEqual(
      facts.flatMap(fact => (fact.type === 'AttemptStarted' ? [fact.attempt] : [])).sort(),
    );
    // Acts may have been repeated, none may be missing.
    expect(world.finished).toContain(RUN);
    expect(new Set(world.signals)).toEqual(new Set(['DEP_READY b', 'DEP_READY d', 'DEP_READY last']));
    world.dieAt = Infinity;
    const { state } = world.live();
    const told = world.durable.flatMap(record => feedOf(state, record).map(({ id }) => id));
    expect([...new Set(world.feed.map(({ id }) => id))]).toEqual(told);
  }

  test.each([
    ['before a call', false, false],
    ['after a call', true, false],
    ['before a call, and the unsynced was kept', false, true],
    ['after a call, and the unsynced was kept', true, true],
  ])('%s, every task ends once, every command starts once, and everything is told', (_when, after, kept) => {
    const undisturbed = new LoopWorld();
    lead(undisturbed);
    const count = undisturbed.calls.length;
    expectAllIsWell(undisturbed);
    expect(count).toBeGreaterThan(30);
    for (let number = 1; number <= count; number++) {
      const world = new LoopWorld();
      world.dieAt = number;
      world.dieAfterIt = after;
      leadThrough(world, kept);
      expectAllIsWell(world);
    }
  });

  test('and again and again', () => {
    for (let between = 14; between < 30; between++) {
      const world = new LoopWorld();
      world.dieAt = between;
      leadThrough(world, between % 2 === 0, between);
      expectAllIsWell(world);
    }
  });
});
