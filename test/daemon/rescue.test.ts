import { expect, test } from '@jest/globals';
import type { AttemptId, RunId, WorkerId } from '../../bus-schema/ids.js';
import type { Intake } from '../../daemon/intake.js';
import type { Loop } from '../../daemon/loop.js';
import type { Attempt, Fate, Pool } from '../../daemon/ports.js';
import { Rescue } from '../../daemon/rescue.js';
import type { Message } from '../../daemon/scheduler/message.js';
import { LoopWorld } from './loop-world.js';
import { aPlan, type TaskSketch } from './scheduler/rig.js';

const submit = (tasks: readonly TaskSketch[] = [{ id: 'a' }, { id: 'b', needs: ['a'] }]): Message => ({
  type: 'Submit',
  run: 'run-1' as RunId,
  plan: aPlan(tasks),
  planDigest: 'p',
  workDigest: 'w',
});

/** A daemon whose workers' processes die before they have taken anything up. */
function withoutWorkers(
  fateOf: (attempt: Attempt) => Fate = () => 'unclaimed',
  when: 'at once' | 'later' = 'at once',
): {
  world: LoopWorld;
  loop: Loop;
  rescue: Rescue;
  pauses: number[];
  revoked: string[];
  agenda: (() => void)[];
} {
  const world = new LoopWorld();
  const loop = world.live();
  const agenda: (() => void)[] = [];
  const pauses: number[] = [];
  const revoked: string[] = [];
  const pool: Pool = {
    ...world.ports.pool,
    fateOf,
    revoke: ({ id }) => {
      revoked.push(id);
      return 'revoked';
    },
  };
  const intake = { sweep: () => undefined } as Partial<Intake> as Intake;
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const later = (ms: number, act: () => void): void => {
    pauses.push(ms);
    if (when === 'later') agenda.push(act);
    else act();
  };
  return { world, loop, rescue: new Rescue({ loop, pool, intake, log, later }), pauses, revoked, agenda };
}

const statuses = (loop: Loop): string[] =>
  [...loop.state.runs.values()].flatMap(run =>
    run.nodes.map(({ status }) => (status.kind === 'ended' ? status.end.kind : status.kind)),
  );

test('where no worker can be had, processes are tried a few times, and then the run is stopped', () => {
  const { world, loop, rescue, pauses, revoked } = withoutWorkers();
  world.tell(loop, submit());
  const die = (): void => {
    rescue.workerGone('worker-1' as WorkerId, 'flock is missing');
  };
  for (let time = 1; time <= 5; time++) die();
  expect(pauses).toEqual([500, 1000, 1500, 2000, 2500]);
  expect(world.calls.filter(call => call === 'start run-1.0.1')).toHaveLength(6);
  expect(loop.state.attempts.size).toBe(1);
  die();
  expect(revoked).toEqual(['run-1.0.1']);
  const [run] = loop.state.runs.values();
  expect(run?.ended?.verdict).toBe('STOPPED');
  expect(run?.stopping?.message).toBe('no worker could be had: flock is missing');
  expect(statuses(loop)).toEqual(['cancelled', 'cancelled']);
});

test('where others of its run have workers, only the attempt without one has failed', () => {
  const { world, loop, rescue } = withoutWorkers(({ id }) => (id === 'run-1.1.1' ? 'alive' : 'unclaimed'));
  world.tell(loop, submit([{ id: 'a' }, { id: 'b' }, { id: 'c', needs: ['a'] }]));
  for (let time = 1; time <= 6; time++) rescue.workerGone('worker-1' as WorkerId, 'flock is missing');
  expect(statuses(loop)).toEqual(['failed', 'running', 'skipped']);
  expect([...loop.state.runs.values()][0]?.nodes[0]?.last?.outcome).toMatchObject({
    reason: 'not-started',
    message: 'no worker could be had: flock is missing',
  });
});

test('an attempt that is cancelled while it has no worker is never started', () => {
  const { world, loop, rescue, agenda } = withoutWorkers(() => 'unclaimed', 'later');
  world.tell(loop, submit());
  rescue.workerGone('worker-1' as WorkerId, 'no process could be made');
  world.tell(loop, { type: 'Cancel', run: 'run-1' as RunId });
  for (const act of agenda) act();
  expect(world.calls.filter(call => call === 'start run-1.0.1')).toHaveLength(1);
  expect(statuses(loop)).toEqual(['cancelled', 'cancelled']);
});

test('what would not die is told as stuck until it is gone, and the attempt is open so long', () => {
  const world = new LoopWorld();
  const loop = world.live();
  const told: (readonly number[])[] = [];
  const later: (() => void)[] = [];
  const silent = (): void => undefined;
  const rescue = new Rescue({
    loop,
    pool: world.ports.pool,
    intake: { sweep: silent } as Partial<Intake> as Intake,
    log: { info: silent, warn: silent, error: silent },
    later: (_, act) => void later.push(act),
    onStuck: (_, survivors) => void told.push(survivors),
  });
  world.tell(loop, submit());
  const [attempt] = loop.state.attempts.values();
  if (attempt === undefined) throw new Error('nothing was started');
  rescue.bury(attempt, 'it cannot be ended');
  rescue.buried(attempt.id, [7, 8]);
  expect([told, loop.state.attempts.size]).toEqual([[[7, 8]], 1]);
  later.pop()?.();
  // Its worker was killed for it, and is reported as gone.
  rescue.bury(attempt, 'its worker died');
  rescue.buried(attempt.id, []);
  expect([told, loop.state.attempts.size]).toEqual([[[7, 8], []], 0]);
  expect(attempt.node.last?.outcome).toEqual({ kind: 'lost', message: 'it cannot be ended' });
});

test('a worker that died after it had told of an end does no harm to the next attempt under its id', () => {
  const world = new LoopWorld();
  const loop = world.live();
  const silent = (): void => undefined;
  const buried: string[] = [];
  // The sweep finds the word of the first attempt, and its turn gives the slot to the second.
  const sweep = (): void => {
    world.tell(loop, { type: 'Exited', attempt: 'run-1.0.1' as AttemptId, outcome: { kind: 'complete' } });
  };
  const rescue = new Rescue({
    loop,
    pool: { ...world.ports.pool, bury: ({ id }) => void buried.push(id) },
    intake: { sweep } as Partial<Intake> as Intake,
    log: { info: silent, warn: silent, error: silent },
    later: silent,
  });
  world.tell(loop, submit());
  rescue.workerGone('worker-1' as WorkerId, 'its process was ended by SIGKILL');
  expect([...loop.state.slots].map(([worker, { id }]) => [worker, id])).toEqual([['worker-1', 'run-1.1.1']]);
  expect(buried).toEqual([]);
  expect(world.calls).not.toContain('replace worker-1');
});
