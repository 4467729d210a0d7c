import fc from 'fast-check';
import type { RunId, TaskId, WorkerId } from '../../../bus-schema/ids.js';
import type { Outcome } from '../../../bus-schema/outcome.js';
import type { Message } from '../../../daemon/scheduler/message.js';
import { aPlan, SchedulerRig, type TaskSketch } from '../scheduler/rig.js';

const TASKS: readonly TaskSketch[] = [
  { id: 'a', files: ['__proto__', 'src'], title: 'first | of `all`' },
  { id: 'b', files: ['src/x'], retries: 2 },
  { id: 'c', needs: ['a'], files: ['docs'], access: 'read' },
  { id: 'd', needs: ['a', 'b'], files: ['docs'], access: 'read', type: 'review' },
  { id: 'constructor', type: 'review', retries: 1 },
  { id: 'f', needs: ['constructor', 'c'], files: ['constructor'] },
  { id: 'done', done: true },
];

/** Numbers, each of which picks what happens next. */
export const happenings = fc.array(fc.nat({ max: 10_000 }), { maxLength: 60 });

/** Two runs that live through whatever the numbers say, looked at after each step. */
export function wildRun(dice: readonly number[], look: (rig: SchedulerRig) => void): SchedulerRig {
  const rig = new SchedulerRig(3);
  rig.submit(aPlan(TASKS, { maxParallel: 2 }, { review: 1 }));
  rig.submit(aPlan(TASKS.slice(0, 4), { schedule: 'waves' }), 'run-2');
  look(rig);
  for (const die of dice) {
    rig.at += 500;
    rig.say(messageOf(rig, die));
    look(rig);
  }
  return rig;
}

function messageOf({ state }: SchedulerRig, die: number): Message {
  const [attempt] = [...state.attempts.keys()].slice(Math.floor(die / 16) % Math.max(1, state.attempts.size));
  const run = (die % 5 === 0 ? 'run-2' : 'run-1') as RunId;
  const task = (TASKS[die % TASKS.length]?.id ?? 'a') as TaskId;
  const worker = `worker-${1 + (die % 3)}` as WorkerId;
  const what = die % 16;
  if (what === 0) return { type: 'Cancel', run, task };
  if (what < 3) return { type: 'Retry', run, task };
  if (what === 3) return { type: die % 3 === 0 ? 'Pause' : 'Resume' };
  if (what === 4) return { type: 'WorkerLost', worker, message: 'its process died' };
  if (attempt === undefined) return { type: 'Tick' };
  if (what === 5) return { type: 'Stalled', attempt };
  if (what < 8) return { type: 'Exited', attempt, outcome: { kind: 'lost', message: 'its worker died' } };
  const exit = { code: 1, signal: null, durationMs: die };
  const outcome: Outcome =
    what < 10
      ? { kind: 'failed', reason: 'exit', message: 'exit code 1' }
      : { kind: 'complete', commit: 'abc1234' };
  return { type: 'Exited', attempt, outcome, exit };
}
