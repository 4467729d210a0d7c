import { appendFileSync, existsSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { EVENT_TYPES, parseEventName, SOURCE_EVENT_TYPES } from '../../bus-schema/event-name.js';
import type { RunId } from '../../bus-schema/ids.js';
import { layout } from '../../bus-schema/layout.js';
import { messageTypeSchema } from '../../bus-schema/message.js';
import type { Outcome } from '../../bus-schema/outcome.js';
import { DropBox } from '../../daemon/bus/drop-box.js';
import { FeedFile } from '../../daemon/bus/feed-file.js';
import { FeedLines } from '../../daemon/bus/feed-lines.js';
import { Quarantine } from '../../daemon/bus/quarantine.js';
import { Intake } from '../../daemon/intake.js';
import type { Loop } from '../../daemon/loop.js';
import { Liveness } from '../../daemon/scheduler/liveness.js';
import { freshBus } from '../fresh-folder.js';
import { LoopWorld } from './loop-world.js';
import { aPlan } from './scheduler/rig.js';

const RUN = 'run-1' as RunId;
const TRACK = 'lamp_20260412';

let place: ReturnType<typeof freshBus>;
let world: LoopWorld;
let loop: Loop;
let feed: FeedFile;
let box: DropBox;
let intake: Intake;
let liveness: Liveness;

/** A daemon's ears on a real bus, with a run whose task 1.1 runs as worker-1's and whose 1.2 waits for it. */
beforeEach(() => {
  place = freshBus();
  world = new LoopWorld();
  loop = world.live();
  const plan = { ...aPlan([{ id: '1.1' }, { id: '1.2', needs: ['1.1'] }]), track: TRACK };
  world.tell(loop, { type: 'Submit', run: RUN, plan, planDigest: 'p', workDigest: 'w' });
  feed = new FeedFile(place.bus);
  const silent = { onHint: () => undefined };
  box = new DropBox(place.bus, new Quarantine(place.bus), silent.onHint);
  const lines = new FeedLines(place.bus, feed, { ...silent, isOurs: ({ source }) => source === 'signalbox' });
  liveness = new Liveness();
  intake = new Intake({
    ...{ sources: [box, lines], loop, liveness, now: () => world.at, onLost: () => undefined },
    views: { touch: () => undefined, look: () => undefined },
  });
  intake.sweep();
});
afterEach(() => {
  box.close();
  feed.close();
  place.remove();
});

/** What came of a drop, as far as anybody notices. */
interface Effect {
  readonly outcome?: Outcome;
  readonly sign?: true;
  readonly progress?: number;
  readonly paused?: true;
}

function effectOf(factCount: number): Effect {
  const facts = world.durable.slice(factCount).flatMap(record => record.facts);
  const [attempt] = loop.state.attempts.values();
  if (attempt === undefined) throw new Error('the attempt is over');
  const reported = facts.find(fact => fact.type === 'OutcomeReported');
  const progress = intake.progress.get(attempt.id);
  expect(facts.map(fact => fact.type).filter(type => !['OutcomeReported', 'Paused'].includes(type))).toEqual(
    [],
  );
  return {
    ...(reported === undefined ? {} : { outcome: reported.outcome }),
    ...(liveness.lastSign(attempt.id) === undefined ? {} : { sign: true }),
    ...(progress === undefined ? {} : { progress }),
    ...(loop.state.paused ? { paused: true } : {}),
  };
}

const complete: Effect = { outcome: { kind: 'complete' } };
const committed: Effect = { outcome: { kind: 'complete', commit: 'abc1234' } };
const failed = (message: string): Effect => ({ outcome: { kind: 'failed', reason: 'reported', message } });
const sign: Effect = { sign: true };
const nothing: Effect = {};

/** What others find in `events/` afterwards: the file, no file, or none because it was put away with a reason. */
type Fate = 'stays' | 'removed' | 'quarantine';

const EVENTS: readonly (readonly [file: string, body: string, effect: Effect, fate: Fate])[] = [
  // As the workers of the source system make them: by touch, by echo, without a line end, or by the task's own name.
  ['TASK_COMPLETE_1.1.event', '', complete, 'stays'],
  ['TASK_COMPLETE_1.1.event', 'abc1234\n', committed, 'stays'],
  ['TASK_COMPLETE_1.1.event', 'abc1234', committed, 'stays'],
  ['TASK_COMPLETE_1.1.event', '1.1', complete, 'stays'],
  ['TASK_COMPLETE_1.1.event', 'PASS\n', complete, 'stays'],
  ['TASK_COMPLETE_task-1.1.event', 'abc1234\n', committed, 'stays'],
  ['TASK_COMPLETE_1.2.event', '', nothing, 'quarantine'],
  ['TASK_COMPLETE_7.7.event', '', nothing, 'quarantine'],
  ['TASK_FAILED_1.1.event', 'two tests fail:\n  a\n  b\n', failed('two tests fail:\n  a\n  b'), 'stays'],
  ['TASK_FAILED_1.1.event', '', failed('reported as failed'), 'stays'],
  ['PROGRESS_1.1.event', '{"payload":{"progress_pct":40}}', { sign: true, progress: 40 }, 'removed'],
  ['PROGRESS_1.1.event', 'half', sign, 'removed'],
  ['PROGRESS_7.7.event', '', nothing, 'quarantine'],
  [
    'BLOCKED_1.1.event',
    '{"payload":{"waiting_for":"FILE_UNLOCK_src/a.ts","resource":"src/a.ts"}}',
    sign,
    'removed',
  ],
  ['HEARTBEAT_worker-1.event', '', sign, 'removed'],
  ['HEARTBEAT_worker-9.event', '', nothing, 'quarantine'],
  ['PAUSE_REQUESTED.event', '', { paused: true }, 'removed'],
  ['DEP_READY_1.2.event', '', nothing, 'stays'],
  [`PARALLEL_COMPLETE_${TRACK}.event`, 'PASS\n', nothing, 'stays'],
  ['FILE_UNLOCK_all.event', '', nothing, 'stays'],
  ['FILE_LOCK_REQUEST_1.event', '', nothing, 'quarantine'],
  // Between other parts of the source system; whoever waits for them must find them.
  ['BOARD_RESOLVE.event', '', nothing, 'stays'],
  ['BOARD_RESOLVE_all.event', '', nothing, 'stays'],
  [`PLAN_COMPLETE_${TRACK}.event`, 'PASS\n', nothing, 'stays'],
  [`PLAN_EVAL_COMPLETE_${TRACK}.event`, 'FAIL\n', nothing, 'stays'],
  [`EXECUTE_COMPLETE_${TRACK}.event`, 'PASS\n', nothing, 'stays'],
  [`EXEC_EVAL_COMPLETE_${TRACK}.event`, 'PASS\n', nothing, 'stays'],
  [`FIX_COMPLETE_${TRACK}.event`, 'PASS\n', nothing, 'stays'],
  ['PLAN_COMPLETE_.event', '', nothing, 'quarantine'],
  ['TASK_DONE_1.1.event', '', nothing, 'quarantine'],
  ['TASK_COMPLETE_1.1', '', nothing, 'quarantine'],
];

describe('an event file of another program', () => {
  test.each(EVENTS)('%s with %j', (file, body, effect, fate) => {
    const path = join(place.bus, layout.events, file);
    writeFileSync(path, body);
    // An empty one that has just come may be one that is being filled.
    const aMomentAgo = Date.now() / 1000 - 1;
    utimesSync(path, aMomentAgo, aMomentAgo);
    const before = world.durable.length;
    intake.sweep();
    expect(effectOf(before)).toEqual(effect);
    const kept = readdirSync(join(place.bus, layout.quarantine));
    const stays = existsSync(path) ? 'stays' : 'removed';
    expect(kept.length === 0 ? stays : `${stays} and is put away`).toBe(
      fate === 'quarantine' ? 'removed and is put away' : fate,
    );
    // What stays is not taken twice.
    const after = world.durable.length;
    utimesSync(path.replace(file, ''), Date.now() / 1000, Date.now() / 1000);
    intake.sweep();
    expect(world.durable.length).toBe(after);
  });

  test('of every type that there is, it is said here what becomes of it', () => {
    const said = new Set(EVENTS.map(([file]) => parseEventName(file)?.type));
    const types = [...EVENT_TYPES, ...SOURCE_EVENT_TYPES, 'PAUSE_REQUESTED'] as const;
    expect(types.filter(type => !said.has(type))).toEqual([]);
  });
});

const at = { task_id: '1.1' };

const LINES: readonly (readonly [type: string, payload: object, effect: Effect])[] = [
  ['TASK_COMPLETE', { ...at, commit_sha: 'abc1234', files_modified: ['a'], unblocks: ['1.2'] }, committed],
  ['TASK_COMPLETE', { task_id: 'task-1.1', commit_sha: '' }, complete],
  ['TASK_FAILED', { ...at, error: 'no luck', stack_trace: 'at …' }, failed('no luck')],
  ['TASK_FAILED', at, failed('reported as failed')],
  ['PROGRESS', { ...at, progress_pct: 30, current_subtask: 'x' }, { sign: true, progress: 30 }],
  ['PROGRESS', { ...at, progress_pct: 300 }, sign],
  ['BLOCKED', { ...at, waiting_for: 'file_lock', resource: 'src/a.ts' }, sign],
  ['BLOCKED', { ...at, waiting_for: 'worker-1.2-20260412101500' }, sign],
  ['TASK_COMPLETE', { task_id: '1.2' }, nothing],
  // What only the daemon says: said by others, it is talk.
  ['BUS_INIT', { track_path: `conductor/tracks/${TRACK}`, version: '1.0' }, nothing],
  ['RUN_SUBMITTED', { run_id: RUN }, nothing],
  ['RUN_COMPLETE', { run_id: RUN, verdict: 'FAIL' }, nothing],
  ['RUN_PRUNED', { run_id: RUN, verdict: 'FAIL' }, nothing],
  ['WORKER_DISPATCHED', { ...at, worker_id: 'worker-1.1-1', parallel_group: 'pg-1' }, nothing],
  ['TASK_BLOCKED', { ...at, blocked_by: '1.0', reason: 'Upstream task failed' }, nothing],
  ['TASK_SKIPPED', { ...at, blocked_by: '1.0' }, nothing],
  ['TASK_RETRY', at, nothing],
  ['DEADLOCK_RESOLVED', { cycle: ['a', 'b'], victim: 'worker-1', action: 'released_locks' }, nothing],
  ['WORKER_STALLED', at, nothing],
  ['WORKER_REPLACED', { worker_id: 'worker-1' }, nothing],
  // From somebody who does no task here.
  ['FILE_LOCK', { filepath: 'src/a.ts', lock_type: 'write' }, nothing],
  ['FILE_UNLOCK', { filepath: 'src/a.ts' }, nothing],
  [
    'BOARD_ASSESS',
    { director: 'CA', verdict: 'APPROVE', score: 8, concerns: [], recommendations: [] },
    nothing,
  ],
  ['BOARD_DISCUSS', { from: 'CA', to: 'ALL', type: 'CHALLENGE', message: 'why?', ...at }, nothing],
  ['BOARD_VOTE', { final_verdict: 'APPROVE', confidence: 0.9, conditions: [] }, nothing],
  ['BOARD_RESOLVE', { verdict: 'APPROVED', vote_summary: {}, conditions: [] }, nothing],
  [`retry_1.1`, { attempt: 2 }, nothing],
];

describe('a line of the feed by another program', () => {
  test.each(LINES)('%s %j', (type, payload, effect) => {
    const line = `${JSON.stringify({ id: 'msg-1', type, source: 'orchestrator', timestamp: '2026-04-12T10:15:00.123456Z', payload })}\n`;
    appendFileSync(join(place.bus, layout.queue), line);
    const before = world.durable.length;
    intake.sweep();
    expect(effectOf(before)).toEqual(effect);
    expect(readdirSync(join(place.bus, layout.quarantine))).toEqual([]);
    const after = world.durable.length;
    intake.sweep();
    expect(world.durable.length).toBe(after);
  });

  test('of every type that we write, it is said here what it means when others write it', () => {
    const said = new Set(LINES.map(([type]) => type));
    expect(messageTypeSchema.options.filter(type => !said.has(type))).toEqual([]);
  });
});
