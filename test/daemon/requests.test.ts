import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { answerSchema, type Answer } from '../../bus-schema/command.js';
import type { RunId, TaskId } from '../../bus-schema/ids.js';
import { CommandBox } from '../../daemon/bus/command-box.js';
import { Quarantine } from '../../daemon/bus/quarantine.js';
import type { Loop } from '../../daemon/loop.js';
import { Requests, type StopMode } from '../../daemon/requests.js';
import { freshBus } from '../fresh-folder.js';
import { LoopWorld } from './loop-world.js';
import { aPlan } from './scheduler/rig.js';

let place: ReturnType<typeof freshBus>;
let world: LoopWorld;
let loop: Loop;
let requests: Requests;
let stops: StopMode[];
beforeEach(() => {
  place = freshBus();
  world = new LoopWorld();
  loop = world.live();
  stops = [];
  const box = new CommandBox(place.bus, new Quarantine(place.bus));
  requests = new Requests(place, {
    box,
    loop,
    stop: mode => stops.push(mode),
    prune: runs => world.tell(loop, { type: 'Prune', runs, why: 'asked' }),
  });
  const plan = aPlan(
    [
      { id: 'a', retries: 1 },
      { id: 'b', needs: ['a'] },
      { id: 'before', done: true },
    ],
    { backoffFirstMs: 60_000 },
  );
  world.tell(loop, {
    type: 'Submit',
    run: 'run-1' as RunId,
    plan: { ...plan, track: 'login' },
    planDigest: '',
    workDigest: '',
  });
});
afterEach(() => place.remove());

/** Asks as a user's command does, and gives the answer without its id. */
function ask(question: object): Omit<Answer, 'id'> {
  writeFileSync(join(place.bus, 'commands/q.json'), JSON.stringify({ id: 'q', ...question }));
  requests.take();
  const { id, ...answer } = answerSchema.parse(
    JSON.parse(readFileSync(join(place.bus, 'commands/done/q.json'), 'utf8')),
  );
  expect(id).toBe('q');
  return answer;
}

const status = (task: string): string | undefined =>
  loop.state.runs.get('run-1' as RunId)?.byId.get(task as TaskId)?.status.kind;

function end(kind: 'complete' | 'lost'): void {
  const outcome = kind === 'complete' ? { kind } : { kind, message: 'its worker died' };
  world.tell(loop, ...world.ends(loop.state, () => outcome));
}

describe('what a user asks', () => {
  test('pause and resume, of all or of a run, known by its track too', () => {
    expect(ask({ do: 'pause' })).toEqual({ ok: true, message: 'paused: nothing new is started' });
    expect(loop.state.paused).toBe(true);
    expect(ask({ do: 'resume' })).toEqual({ ok: true, message: 'resumed' });
    expect(ask({ do: 'pause', run: 'login' })).toEqual({ ok: true, message: 'run run-1 is paused' });
    expect(loop.state).toMatchObject({ paused: false });
    expect(loop.state.runs.get('run-1' as RunId)?.paused).toBe(true);
    expect(ask({ do: 'resume', run: 'run-1' })).toEqual({ ok: true, message: 'run run-1 is resumed' });
  });

  test('is durable when it is answered', () => {
    ask({ do: 'set-limit', maxParallel: 7 });
    expect(world.durable.at(-1)?.facts).toEqual([{ type: 'LimitSet', maxParallel: 7 }]);
  });

  test('cancel: a task, then the run, then there is nothing more to cancel', () => {
    expect(ask({ do: 'cancel', run: 'run-1', task: 'b' })).toEqual({
      ok: true,
      run: 'run-1',
      message: 'task b is being cancelled',
    });
    expect(status('b')).toBe('ended');
    expect(ask({ do: 'cancel', run: 'run-1' })).toEqual({
      ok: true,
      run: 'run-1',
      message: 'run run-1 is being cancelled',
    });
    expect(world.stopped).toEqual(['run-1.0.1']);
    end('lost');
    expect(ask({ do: 'cancel', run: 'run-1' })).toEqual({
      ok: false,
      code: 2,
      message: 'run run-1 has ended',
    });
  });

  test('retry: now instead of later, or once more', () => {
    end('lost');
    expect(status('a')).toBe('backoff');
    expect(ask({ do: 'retry', task: 'a' })).toEqual({
      ok: true,
      run: 'run-1',
      message: 'task a of run run-1 is tried again',
    });
    expect(status('a')).toBe('running');
    end('lost');
    expect(loop.state.active.size).toBe(0);
    expect(ask({ do: 'retry', task: 'a', run: 'run-1' }).ok).toBe(true);
    expect([status('a'), status('b')]).toEqual(['running', 'waiting']);
  });

  test('what has ended can be neither cancelled nor paused', () => {
    ask({ do: 'cancel', run: 'run-1', task: 'b' });
    expect(ask({ do: 'cancel', run: 'run-1', task: 'b' })).toEqual({
      ok: false,
      code: 2,
      message: 'task b of run run-1 has ended already: it is cancelled',
    });
    end('complete');
    expect(ask({ do: 'pause', run: 'run-1' })).toEqual({
      ok: false,
      code: 2,
      message: 'run run-1 has ended',
    });
  });

  test.each([
    [
      { do: 'cancel', run: 'run-1', task: 'before' },
      'task before of run run-1 has ended already: it is marked as done in its plan',
    ],
    [{ do: 'cancel', run: 'run-9' }, 'there is no run run-9'],
    [{ do: 'cancel', run: 'run-1', task: 'z' }, 'run run-1 has no task z'],
    [{ do: 'pause', run: 'constructor' }, 'there is no run constructor'],
    [{ do: 'retry', task: 'z' }, 'there is no task z'],
    [{ do: 'retry', task: 'constructor', run: 'run-1' }, 'there is no task constructor'],
    [{ do: 'retry', task: 'a' }, 'task a of run run-1 cannot be tried again: it is running'],
    [{ do: 'retry', task: 'b' }, 'task b of run run-1 cannot be tried again: it is waiting'],
    [
      { do: 'retry', task: 'before' },
      'task before of run run-1 cannot be tried again: it is marked as done in its plan',
    ],
  ])('%j is refused, with the reason', (question, message) => {
    const records = world.durable.length;
    expect(ask(question)).toEqual({ ok: false, code: 2, message });
    expect(world.durable).toHaveLength(records);
  });

  test('submit: a plan that is good, and one that is not', () => {
    const plan = join(place.repo, 'plan.yaml');
    writeFileSync(plan, 'signalbox: 1\nname: new\ntasks:\n  - { id: x, title: X, command: make }\n');
    expect(ask({ do: 'submit', plan, options: {} })).toEqual({
      ok: true,
      run: 'new-q',
      message: 'submitted as new-q',
    });
    writeFileSync(plan, 'signalbox: 1\nname: new\ntaskz: []\n');
    const again = new CommandBox(place.bus, new Quarantine(place.bus));
    writeFileSync(
      join(place.bus, 'commands/other.json'),
      JSON.stringify({ id: 'other', do: 'submit', plan, options: {} }),
    );
    new Requests(place, { box: again, loop, stop: () => undefined, prune: () => undefined }).take();
    const answer = answerSchema.parse(
      JSON.parse(readFileSync(join(place.bus, 'commands/done/other.json'), 'utf8')),
    );
    expect(answer).toMatchObject({
      ok: false,
      code: 2,
      message: expect.stringContaining(`${plan}:3:1: error: `),
    });
  });

  test('prune: runs that have ended, by their whole ids, all or none', () => {
    expect(ask({ do: 'prune', runs: ['login'] })).toMatchObject({
      ok: false,
      message: 'there is no run login',
    });
    expect(ask({ do: 'prune', runs: ['run-1'] })).toEqual({
      ok: false,
      code: 2,
      message: 'run run-1 is not finished: 1 of its attempts is open',
    });
    end('complete');
    end('complete');
    expect(ask({ do: 'prune', runs: ['run-1', 'run-2'] })).toMatchObject({
      ok: false,
      message: 'there is no run run-2',
    });
    expect(ask({ do: 'prune', runs: ['run-1'] })).toEqual({ ok: true, message: '1 run was pruned' });
    expect(loop.state.runs.size).toBe(0);
    expect(world.durable.at(-1)?.facts).toEqual([{ type: 'RunsPruned', runs: ['run-1'], why: 'asked' }]);
    expect(world.removed).toEqual(['run-1']);
    expect(world.feed.at(-1)).toMatchObject({
      type: 'RUN_PRUNED',
      payload: { run_id: 'run-1', reason: 'asked' },
    });
    expect(ask({ do: 'prune', runs: ['run-1'] })).toMatchObject({ ok: false, code: 2 });
  });

  test('stop is answered before the daemon ends', () => {
    expect(ask({ do: 'stop', mode: 'drain' })).toEqual({ ok: true, message: 'stopping' });
    expect(stops).toEqual(['drain']);
  });
});
