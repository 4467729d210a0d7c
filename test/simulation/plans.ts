import type { Plan } from '../../bus-schema/plan.js';
import { aPlan, type TaskSketch } from '../daemon/scheduler/rig.js';
import type { Dice } from './dice.js';

const WORK = { kind: 'shell', command: 'true' } as const;

/**
 * A plan of a few tasks in which everything occurs: chains, joins, shared files, retries, waves, a run that stops.
 * @param prefix what the names of its tasks begin with.
 */
export function somePlan(dice: Dice, prefix: string): Plan {
  const count = dice.between(1, 5);
  const sketches = Array.from({ length: count }, (_, index) => someTask(dice, prefix, index));
  const schedule = dice.chance(0.2) ? 'waves' : 'dag';
  const onFailure = dice.chance(0.2) ? 'stop' : 'continue';
  const heartbeatTimeoutMs = dice.between(30_000, 60_000);
  const onConflict = dice.chance(0.3) ? 'abort' : 'wait';
  return aPlan(sketches, {
    onConflict,
    maxParallel: dice.between(1, 3),
    schedule,
    onFailure,
    heartbeatTimeoutMs,
  });
}

function someTask(dice: Dice, prefix: string, index: number): TaskSketch {
  const before = Array.from({ length: index }, (_, number) => `${prefix}${number}`);
  return {
    id: `${prefix}${index}`,
    needs: before.filter(() => dice.chance(0.3)),
    files: ['x', 'y', 'x/z'].filter(() => dice.chance(0.25)),
    retries: dice.upTo(2),
    priority: dice.chance(0.3) ? 0 : 2,
    timeoutMs: dice.between(60_000, 900_000),
    ...(dice.chance(0.2)
      ? { review: { review: WORK, fix: WORK, blockOn: 'low', rounds: dice.between(1, 3) } }
      : {}),
  };
}
