import type { Fact, FactOf, JournalRecord } from '../../bus-schema/fact.js';
import type { MessageType, OwnMessage } from '../../bus-schema/message.js';
import type { State, TaskNode } from '../scheduler/state.js';
import { lockLines } from './feed-locks.js';

/** Who writes the daemon's own lines of the feed. */
export const FEED_SOURCE = 'signalbox';

type Settled = ReadonlyMap<string, FactOf<'AttemptSettled'>>;

type Line = readonly [MessageType, Record<string, unknown>];

/**
 * The lines of `queue.jsonl` that tell of a record. A line's id is made of the record's number and its place in it, so
 * that after a crash it is plain which lines are missing. Reads of the state only what does not change any more, so a feed
 * that was deleted can be told anew.
 */
export function feedOf(state: State, record: JournalRecord): OwnMessage[] {
  const settled = new Map<string, FactOf<'AttemptSettled'>>();
  const lines = record.facts.flatMap(fact => {
    if (fact.type === 'AttemptSettled') settled.set(placeOf(fact), fact);
    return linesOf(state, record, fact, settled);
  });
  return lines.map(([type, payload], index) => ({
    id: `${record.seq}.${index}`,
    type,
    source: FEED_SOURCE,
    timestamp: record.wall,
    payload,
  }));
}

/** The number of the record that a line of ours tells of; undefined for other writers' lines. */
export function feedSeq(id: string, source: string): number | undefined {
  const match = source === FEED_SOURCE ? /^(\d+)\.\d+$/.exec(id) : null;
  return match === null ? undefined : Number(match[1]);
}

/** @param settled the attempts that the record has settled so far, by their task. */
function linesOf(state: State, record: JournalRecord, fact: Fact, settled: Settled): Line[] {
  switch (fact.type) {
    case 'DaemonStarted':
      return [['BUS_INIT', { pid: fact.pid, version: fact.version }]];
    case 'RunSubmitted':
      return [['RUN_SUBMITTED', submission(fact)]];
    case 'AttemptStarted': {
      const { run: run_id, task: task_id, worker: worker_id, attempt: attempt_id, number: attempt } = fact;
      const title = nodeOf(state, fact)?.task.title;
      const { stage } = fact;
      return [['WORKER_DISPATCHED', { run_id, task_id, worker_id, attempt_id, attempt, title, stage }]];
    }
    case 'TaskBlocked':
      return [
        ['BLOCKED', { run_id: fact.run, task_id: fact.task, waiting_for: fact.holder, resource: fact.path }],
      ];
    case 'LocksTaken':
    case 'LocksAwaited':
    case 'LocksReleased':
    case 'DeadlockResolved':
    case 'OutsideLockTaken':
    case 'OutsideLockReleased':
      return lockLines(state, fact, record);
    case 'AttemptStopping':
      return fact.reason === 'stalled'
        ? [['WORKER_STALLED', { run_id: fact.run, task_id: fact.task, attempt_id: fact.attempt }]]
        : [];
    case 'StageBegun':
      return [['PROGRESS', stageOf(fact)]];
    case 'RetryScheduled':
      return [
        [
          'TASK_RETRY',
          { ...whose(fact), delay_ms: fact.delayMs, ...lastWords(state, settled.get(placeOf(fact))) },
        ],
      ];
    case 'TaskDeferred':
      return [
        [
          'TASK_RETRY',
          { ...whose(fact), delay_ms: 0, deferred: true, ...lastWords(state, settled.get(placeOf(fact))) },
        ],
      ];
    case 'TaskEnded':
      return ending(fact, lastWords(state, settled.get(placeOf(fact))));
    case 'TaskReopened':
      return [['TASK_RETRY', { ...whose(fact), delay_ms: 0, revives: fact.revives }]];
    case 'RunEnded':
      return [['RUN_COMPLETE', summary(state, fact)]];
    case 'RunsPruned':
      return fact.runs.map((run): Line => ['RUN_PRUNED', { run_id: run, reason: fact.why }]);
    case 'WorkerLost':
      return [['WORKER_REPLACED', { worker_id: fact.worker, reason: fact.message }]];
    case 'WaveStarted':
    case 'OutcomeReported':
    case 'AttemptSettled':
    case 'RetryDue':
    case 'DeferredDue':
    case 'RunStopping':
    case 'Paused':
    case 'Resumed':
    case 'LimitSet':
    case 'DrainStarted':
      return [];
  }
}

/** The task goes on with a review, or with mending what one found. */
function stageOf(fact: FactOf<'StageBegun'>): Record<string, unknown> {
  const { stage, round, after } = fact;
  const current_subtask = stage === 'review' ? `review ${round}` : `mending what review ${round} found`;
  return { ...whose(fact), attempt_id: after, stage, round, current_subtask };
}

function submission({ run, plan }: FactOf<'RunSubmitted'>): Record<string, unknown> {
  const before = plan.tasks.filter(task => task.done).length;
  return {
    run_id: run,
    name: plan.name,
    track_id: plan.track,
    plan: plan.source,
    total: plan.tasks.length,
    done_before: before,
  };
}

function ending(fact: FactOf<'TaskEnded'>, last: Record<string, unknown>): Line[] {
  switch (fact.end.kind) {
    case 'complete':
      return [['TASK_COMPLETE', { ...whose(fact), ...last, unblocks: fact.unblocks }]];
    case 'failed':
      return [['TASK_FAILED', { ...whose(fact), ...last, error: fact.end.message }]];
    case 'cancelled':
      return [['TASK_FAILED', { ...whose(fact), ...last, error: fact.end.message, cancelled: true }]];
    case 'skipped': {
      const payload = { ...whose(fact), blocked_by: fact.end.cause, reason: 'Upstream task failed' };
      // The same twice: clients of the source system know the second name only.
      return [
        ['TASK_SKIPPED', payload],
        ['TASK_BLOCKED', payload],
      ];
    }
  }
}

function whose(fact: { run: string; task: string }): { run_id: string; task_id: string } {
  return { run_id: fact.run, task_id: fact.task };
}

const placeOf = ({ run, task }: { run: string; task: string }): string => `${run}/${task}`;

/** Of the attempt that the same record settled; a task that ends without one has none. */
function lastWords(state: State, settled: FactOf<'AttemptSettled'> | undefined): Record<string, unknown> {
  if (settled === undefined) return {};
  const { outcome, exit } = settled;
  const last = nodeOf(state, settled)?.last;
  return {
    ...(last?.id === settled.attempt ? { worker_id: last.worker } : {}),
    attempt_id: settled.attempt,
    ...(outcome.kind === 'complete' ? {} : { error: outcome.message }),
    ...(outcome.kind === 'complete' && outcome.commit !== undefined ? { commit_sha: outcome.commit } : {}),
    ...(outcome.kind === 'complete' && outcome.warning !== undefined ? { warning: outcome.warning } : {}),
    ...(exit === undefined
      ? {}
      : { exit_code: exit.code, signal: exit.signal, duration_ms: exit.durationMs }),
  };
}

function summary(state: State, fact: FactOf<'RunEnded'>): Record<string, unknown> {
  const run = state.runs.get(fact.run);
  const reason = run?.stopping?.message;
  return { run_id: fact.run, verdict: fact.verdict, ...run?.tally, attempts: run?.attemptsStarted, reason };
}

function nodeOf(
  state: State,
  fact: { run: FactOf<'TaskEnded'>['run']; task: FactOf<'TaskEnded'>['task'] },
): TaskNode | undefined {
  return state.runs.get(fact.run)?.byId.get(fact.task);
}
