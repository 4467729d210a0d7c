import { describe, expect, test } from '@jest/globals';
import { NO_HISTORY, type History } from '../../../bus-schema/history.js';
import type { RunId } from '../../../bus-schema/ids.js';
import { learn } from '../../../daemon/projections/learned.js';
import type { Run } from '../../../daemon/scheduler/state.js';
import { agentWork, aPlan, SchedulerRig, type TaskSketch } from '../scheduler/rig.js';

/** A run in which each of these tasks took so long, one after the other, and those below zero failed after that time. */
function ran(tasks: readonly (TaskSketch & { readonly ms: number })[], id = 'run-1'): Run {
  const rig = new SchedulerRig();
  const sketches = tasks.map(({ ms: _, ...sketch }) => sketch);
  rig.submit(aPlan(sketches, { maxParallel: 1 }), id);
  for (const { id: task, ms } of tasks) {
    rig.at += Math.abs(ms);
    if (ms < 0) rig.fail(task);
    else rig.complete(task);
  }
  const run = rig.state.runs.get(id as RunId);
  if (run?.ended === undefined) throw new Error('the run has not ended');
  return run;
}

describe('of a run is learned', () => {
  test('how long each complete task took, by its plan and id, and by agent and type', () => {
    const learned = learn(
      NO_HISTORY,
      ran([
        { id: 'a', ms: 40, work: agentWork('claude'), type: 'implementation' },
        { id: 'b', ms: 70, type: 'check' },
        { id: 'c', ms: 5 },
        { id: 'd', ms: -90, work: agentWork('claude') },
      ]),
    );
    expect(learned).toEqual({
      version: 1,
      runs: ['run-1'],
      tasks: { 'sketch/a': [40], 'sketch/b': [70], 'sketch/c': [5] },
      kinds: { 'claude/implementation': [40], 'command/check': [70] },
    });
  });

  test('nothing a second time', () => {
    const run = ran([{ id: 'a', ms: 40 }]);
    const once = learn(NO_HISTORY, run);
    expect(learn(once, run)).toBe(once);
  });

  test('what its command took, without the time in which its worker started', () => {
    const rig = new SchedulerRig();
    rig.submit(aPlan([{ id: 'a' }]));
    rig.at += 700;
    const exit = { code: 0, signal: null, durationMs: 12.4 };
    rig.say({ type: 'Exited', attempt: rig.attempt('a'), outcome: { kind: 'complete' }, exit });
    const run = rig.state.runs.get('run-1' as RunId);
    expect(run && learn(NO_HISTORY, run).tasks).toEqual({ 'sketch/a': [12] });
  });

  test('only of the last attempt, not of those that failed before it', () => {
    const rig = new SchedulerRig();
    rig.submit(aPlan([{ id: 'a', retries: 1 }]));
    rig.at += 5000;
    rig.fail('a');
    rig.at += 600_000;
    rig.say({ type: 'Tick' });
    rig.at += 30;
    rig.complete('a');
    const run = rig.state.runs.get('run-1' as RunId);
    expect(run && learn(NO_HISTORY, run).tasks).toEqual({ 'sketch/a': [30] });
  });
});

test('of each task the latest five durations are kept', () => {
  let history: History = NO_HISTORY;
  for (let ms = 1; ms <= 7; ms++) history = learn(history, ran([{ id: 'a', ms }], `run-${ms}`));
  expect(history.tasks).toEqual({ 'sketch/a': [3, 4, 5, 6, 7] });
});

test('what was not seen for longest is forgotten first, and the file does not grow for ever', () => {
  const full = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`old/t${i}`, [1]]));
  const { tasks } = learn({ ...NO_HISTORY, tasks: full }, ran([{ id: 'a', ms: 40 }]));
  const keys = Object.keys(tasks);
  expect(keys.length).toBe(100_000);
  expect([keys[0], keys.at(-1)]).toEqual(['old/t1', 'sketch/a']);
});
