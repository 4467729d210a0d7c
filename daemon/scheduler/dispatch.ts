import type { Fact, FactOf, JournalRecord } from '../../bus-schema/fact.js';
import type { AttemptId, WorkerId } from '../../bus-schema/ids.js';
import { hex128 } from './chance.js';
import { conflictOf, holderName, leaveWaiting, queueBehind } from './lock.js';
import { nodeOf } from './lookup.js';
import type { Instant } from './message.js';
import { goesBefore, type Attempt, type State, type TaskNode } from './state.js';

/**
 * The next step towards using a free slot: start the best ready task, or note that one of its files is held. Nothing,
 * when there is no slot or no task that may take it.
 */
export function dispatch(state: State, now: Instant): readonly Fact[] {
  const node = best(state);
  if (node === undefined) return [];
  const { run, task } = node;
  const conflict = conflictOf(state, node);
  if (conflict !== undefined) {
    const holder = holderName(conflict);
    return [{ type: 'TaskBlocked', run: run.id, task: task.id, holder, path: conflict.path }];
  }
  const number = node.attempts + 1;
  const attempt = `${run.id}.${node.ordinal}.${number}` as AttemptId;
  const token = hex128(state.seed, attempt) as Attempt['token'];
  const worker = freeWorker(state);
  return [
    {
      type: 'AttemptStarted',
      run: run.id,
      task: task.id,
      attempt,
      number,
      worker,
      token,
      wallAt: now.wallAt,
      ...(node.stage === 'work' ? {} : { stage: node.stage }),
    },
  ];
}

/** The head of each open lane of each active run, compared: a handful, however many tasks there are. */
function best(state: State): TaskNode | undefined {
  if (state.draining || state.paused || state.attempts.size >= state.maxParallel) return undefined;
  let chosen: TaskNode | undefined;
  for (const run of state.active) {
    if (run.paused || run.stopping !== undefined || run.running >= run.plan.settings.maxParallel) continue;
    for (const lane of run.lanes.values()) {
      const head = lane.running < lane.limit ? lane.ready.peek() : undefined;
      if (head !== undefined && (chosen === undefined || goesBefore(head, chosen))) chosen = head;
    }
  }
  return chosen;
}

/** The lowest free number, so that a small run needs few processes. */
function freeWorker(state: State): WorkerId {
  for (let number = 1; ; number++) {
    const worker = `worker-${number}` as WorkerId;
    if (!state.slots.has(worker)) return worker;
  }
}

/** The task holds its slot and its locks from here on. */
export function beginAttempt(state: State, fact: FactOf<'AttemptStarted'>, record: JournalRecord): void {
  const node = nodeOf(state, fact);
  const attempt: Attempt = {
    id: fact.attempt,
    node,
    number: fact.number,
    stage: fact.stage ?? 'work',
    worker: fact.worker,
    token: fact.token,
    startedAt: record.at,
    startedWall: record.wall,
    wallAt: fact.wallAt,
    bootId: state.bootId,
    reported: undefined,
    stopping: undefined,
    waiters: new Set(),
    locks: new Map(),
    wants: undefined,
  };
  leaveWaiting(node);
  node.status = { kind: 'running', attempt };
  node.attempts = fact.number;
  node.firstWallAt ??= fact.wallAt;
  node.lane.running++;
  node.run.running++;
  node.run.attemptsStarted++;
  node.run.workers.add(fact.worker);
  state.attempts.set(attempt.id, attempt);
  state.slots.set(attempt.worker, attempt);
  queueBehind(attempt);
}
