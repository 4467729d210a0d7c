import { describe, expect, test } from '@jest/globals';
import type { Fact } from '../../../bus-schema/fact.js';
import type { Message } from '../../../daemon/scheduler/message.js';
import { decide } from '../../../daemon/scheduler/decide.js';
import { evolve } from '../../../daemon/scheduler/evolve.js';
import { emptyState, type State } from '../../../daemon/scheduler/state.js';
import type { RunId, TaskId } from '../../../bus-schema/ids.js';
import type { Outcome } from '../../../bus-schema/outcome.js';
import { aPlan, SchedulerRig, type TaskSketch } from './rig.js';

/** A scheduler whose invariants are not looked at after each step: that would take time by the square of the tasks. */
class BareRig {
  readonly state: State = emptyState();
  blocked = 0;

  say(message: Message): void {
    this.#step(message);
    while (this.#step({ type: 'Dispatch' }).length > 0);
  }

  /** Every attempt completes, the earliest first, until there is none. */
  finish(): void {
    for (let [attempt] = this.state.attempts.keys(); attempt !== undefined;) {
      this.say({ type: 'Exited', attempt, outcome: { kind: 'complete' } });
      [attempt] = this.state.attempts.keys();
    }
  }

  #step(message: Message): readonly Fact[] {
    const facts = decide(this.state, message, { at: 1, wallAt: 1 });
    if (facts.length > 0) evolve(this.state, { seq: this.state.seq + 1, at: 1, wall: '', facts });
    this.blocked += facts.filter(fact => fact.type === 'TaskBlocked').length;
    return facts;
  }
}

function blockedIn(sketches: readonly TaskSketch[], maxParallel = 5): number {
  const rig = new BareRig();
  rig.say({ type: 'Boot', bootId: 'b', pid: 1, version: '0', seed: 's', maxParallel });
  const plan = aPlan(sketches, { maxParallel });
  rig.say({ type: 'Submit', run: 'run-1' as RunId, plan, planDigest: '', workDigest: '' });
  rig.finish();
  expect([...rig.state.runs.values()][0]?.ended?.verdict).toBe('PASS');
  return rig.blocked;
}

const many = (count: number, sketch: (index: number) => Omit<TaskSketch, 'id'>): TaskSketch[] =>
  Array.from({ length: count }, (_, index) => ({ id: `t${index}`, ...sketch(index) }));

describe('tasks that share files', () => {
  test('10,000 that write one file are each told once that it is held', () => {
    expect(blockedIn(many(10_000, () => ({ files: ['shared'] })))).toBe(9_999);
  });

  test('of several types are told at most once for each type and task', () => {
    const types = ['code', 'review', 'docs'];
    const sketches = many(3_000, index => ({ files: ['shared'], type: types[index % 3] ?? '' }));
    expect(blockedIn(sketches)).toBeLessThanOrEqual(3_000 * types.length);
  });

  test('1,000 readers that urgent writers keep waiting are not told anew at each of 1,000 writers', () => {
    const sketches = many(2_000, index => ({
      files: ['shared'],
      access: index % 2 === 0 ? 'write' : 'read',
      priority: index % 2 === 0 ? 0 : 2,
    }));
    expect(blockedIn(sketches)).toBeLessThanOrEqual(3 * 2_000);
  });

  test('readers run together, as many as there are slots', () => {
    const rig = new SchedulerRig();
    rig.submit(
      aPlan(
        many(8, () => ({ files: ['shared'], access: 'read' })),
        { maxParallel: 3 },
      ),
    );
    expect(rig.running).toHaveLength(3);
  });

  test('readers that a writer kept waiting all run once it has ended', () => {
    const rig = new SchedulerRig();
    const readers = many(4, () => ({ files: ['shared'], access: 'read' }));
    rig.submit(aPlan([{ id: 'writer', files: ['shared'], priority: 0 }, ...readers]));
    expect(rig.running).toEqual(['writer']);
    rig.complete('writer');
    expect(rig.running).toEqual(['t0', 't1', 't2', 't3']);
  });

  test('a cancelled task that was to go next leaves its place to the one behind it', () => {
    const rig = new SchedulerRig(1);
    rig.submit(
      aPlan([
        { id: 'a', files: ['x'] },
        { id: 'b', files: ['x'] },
        { id: 'c', files: ['x'] },
        { id: 'd', files: ['x'] },
      ]),
    );
    rig.say({ type: 'Pause' });
    rig.complete('a');
    rig.say({ type: 'Cancel', run: 'run-1' as RunId, task: 'b' as TaskId });
    rig.say({ type: 'Resume' });
    expect(rig.running).toEqual(['c']);
  });
});

test.each<Outcome>([
  { kind: 'complete' },
  { kind: 'failed', reason: 'exit', message: 'exit code 1' },
  { kind: 'timed-out', message: 'ran too long' },
  { kind: 'cancelled', message: 'cancelled' },
  { kind: 'lost', message: 'its worker died' },
])('a file is free again when the attempt that held it has ended, however: $kind', outcome => {
  const rig = new SchedulerRig();
  rig.submit(
    aPlan([
      { id: 'holder', files: ['src'], retries: 0 },
      { id: 'next', files: ['src/a.ts'] },
    ]),
  );
  expect(rig.running).toEqual(['holder']);
  rig.say({ type: 'Exited', attempt: rig.attempt('holder'), outcome });
  expect(rig.running).toEqual(['next']);
});
