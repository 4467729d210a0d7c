import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { AttemptId, RunId, TaskId } from '../../../bus-schema/ids.js';
import type { Message } from '../../../daemon/scheduler/message.js';
import type { State } from '../../../daemon/scheduler/state.js';
import { judge } from '../../oracle/journal-oracle.js';
import { aPlan, SchedulerRig, type TaskSketch } from './rig.js';

const FILES = ['a', 'b', 'src', 'src/x', 'src/*', 'docs/**'];

const sketches = fc
  .array(
    fc.record({
      needs: fc.array(fc.nat({ max: 30 }), { maxLength: 3 }),
      files: fc.subarray(FILES, { maxLength: 2 }),
      access: fc.constantFrom('write' as const, 'read' as const),
      priority: fc.constantFrom(0 as const, 1 as const, 2 as const),
      retries: fc.nat({ max: 2 }),
      type: fc.constantFrom('code', 'review', undefined),
      done: fc.nat({ max: 9 }).map(dice => dice === 0),
      estimateMs: fc.option(fc.nat({ max: 1000 }), { nil: undefined }),
    }),
    { minLength: 1, maxLength: 15 },
  )
  .map(drafts =>
    drafts.map(({ needs, type, estimateMs, ...draft }, index): TaskSketch => {
      const earlier = [...new Set(needs.map(need => need % Math.max(index, 1)))].filter(need => need < index);
      return {
        ...draft,
        id: `t${index}`,
        needs: earlier.map(need => `t${need}`),
        ...(type === undefined ? {} : { type }),
        ...(estimateMs === undefined ? {} : { estimateMs }),
      };
    }),
  );

const settings = fc.record({
  maxParallel: fc.integer({ min: 1, max: 4 }),
  onFailure: fc.constantFrom('continue' as const, 'stop' as const),
  schedule: fc.constantFrom('dag' as const, 'waves' as const),
});

/** Each choice picks one thing that could happen next: which, and to whom. */
const choices = fc.array(fc.record({ what: fc.nat({ max: 99 }), whom: fc.nat({ max: 1000 }) }), {
  maxLength: 120,
});

describe('whatever happens, in whatever order', () => {
  test('no invariant breaks, every task ends, the oracle finds nothing, and a replay gives the same state', () => {
    fc.assert(
      fc.property(sketches, settings, choices, (tasks, set, happenings) => {
        const rig = new SchedulerRig(3);
        rig.submit(aPlan(tasks, set, { review: 1 }));
        rig.submit(aPlan(tasks.slice(0, 5), set), 'run-2');
        for (const { what, whom } of happenings) {
          rig.at += 700;
          rig.say(happening(rig.state, what, whom));
        }
        finish(rig);
        for (const run of ['run-1', 'run-2']) expect(judge(rig.records, run).violations).toEqual([]);
        expect([...rig.state.runs.values()].every(run => run.ended !== undefined)).toBe(true);
        expect(sketchOf(rig.replayed())).toEqual(sketchOf(rig.state));
      }),
      { numRuns: 500 },
    );
  });
});

function happening(state: State, what: number, whom: number): Message {
  const attempts = [...state.attempts.keys()];
  const attempt = attempts[whom % Math.max(attempts.length, 1)] ?? ('none.0.1' as AttemptId);
  const run = (whom % 3 === 0 ? 'run-2' : 'run-1') as RunId;
  const task = `t${whom % 15}` as TaskId;
  const source = { file: 'f', inode: 1, mtimeMs: 1 };
  if (what < 40) return { type: 'Exited', attempt, outcome: { kind: 'complete' } };
  if (what < 60)
    return { type: 'Exited', attempt, outcome: { kind: 'failed', reason: 'exit', message: 'exit code 1' } };
  if (what < 64) return { type: 'Exited', attempt, outcome: { kind: 'lost', message: 'worker died' } };
  if (what < 68) return { type: 'Reported', attempt, outcome: { kind: 'complete' }, source };
  if (what < 72)
    return {
      type: 'Reported',
      attempt,
      outcome: { kind: 'failed', reason: 'reported', message: 'no' },
      source,
    };
  if (what < 75) return { type: 'Stalled', attempt };
  if (what < 80) return { type: 'Cancel', run, task };
  if (what < 81) return { type: 'Cancel', run };
  if (what < 84) return { type: 'Pause' };
  if (what < 88) return { type: 'Resume' };
  if (what < 90) return { type: 'Pause', run };
  if (what < 92) return { type: 'Resume', run };
  if (what < 94) return { type: 'SetLimit', maxParallel: 1 + (whom % 3) };
  if (what < 96)
    return { type: 'Boot', bootId: 'boot-2', pid: 2, version: '0', seed: 'other', maxParallel: 3 };
  return { type: 'Retry', run, task };
}

/** No more mishaps: what is left must end by itself. */
function finish(rig: SchedulerRig): void {
  rig.say({ type: 'Resume' });
  for (const run of rig.state.runs.keys()) rig.say({ type: 'Resume', run });
  for (let step = 0; step < 1000 && rig.state.active.size > 0; step++) {
    rig.at += 400_000;
    const [attempt] = rig.state.attempts.keys();
    rig.say(
      attempt === undefined ? { type: 'Tick' } : { type: 'Exited', attempt, outcome: { kind: 'complete' } },
    );
  }
}

/** The state as plain data, without the graph's circles. */
function sketchOf(state: State): unknown {
  return {
    seq: state.seq,
    at: state.at,
    paused: state.paused,
    limit: state.maxParallel,
    attempts: [...state.attempts.keys()],
    runs: [...state.runs.values()].map(run => ({
      id: run.id,
      open: run.open,
      ended: run.ended,
      nodes: run.nodes.map(({ status, blockers, attempts, last }) => ({
        blockers,
        attempts,
        last,
        status: status.kind === 'running' ? status.attempt.id : status,
      })),
    })),
  };
}
