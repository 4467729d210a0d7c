import type { Fact, FactOf, JournalRecord } from '../../bus-schema/fact.js';
import type { FailureReason, Outcome } from '../../bus-schema/outcome.js';
import { unreachable } from '../../bus-schema/result.js';
import { stopRun } from './cancel.js';
import { releaseWaiters } from './lock.js';
import { attemptOf } from './lookup.js';
import type { Instant, Message } from './message.js';
import { retry } from './retry.js';
import { closing } from './run-end.js';
import { ended, skipDependents } from './task-end.js';
import type { Attempt, State, TaskNode } from './state.js';

/** An outside drop told the outcome first. The command gets a grace to end; its word, from now on, changes nothing. */
export function reported(state: State, message: Extract<Message, { type: 'Reported' }>): readonly Fact[] {
  const attempt = state.attempts.get(message.attempt);
  if (attempt === undefined || attempt.reported !== undefined) return [];
  const { run, task } = attempt.node;
  const { outcome, source } = message;
  return [{ type: 'OutcomeReported', run: run.id, task: task.id, attempt: attempt.id, outcome, source }];
}

/** The attempt's processes are gone: it is settled, and its task retried or ended, with all that follows from that. */
export function exited(
  state: State,
  message: Extract<Message, { type: 'Exited' }>,
  now: Instant,
): readonly Fact[] {
  const attempt = state.attempts.get(message.attempt);
  if (attempt === undefined) return [];
  const { node } = attempt;
  const outcome = finalOutcome(attempt, message.outcome);
  const settled: Fact = {
    type: 'AttemptSettled',
    run: node.run.id,
    task: node.task.id,
    attempt: attempt.id,
    outcome,
    ...(message.exit === undefined ? {} : { exit: message.exit }),
  };
  return [settled, ...closing(node.run, afterOutcome(state, node, outcome, now))];
}

/** Why an attempt can fail although it was reported complete: both are found out when its command has ended. */
const AFTERWARDS: ReadonlySet<string> = new Set<FailureReason>(['not-accepted', 'no-output']);

/**
 * What was reported stands, but for the task's own `accept` command and its output, which have the last word; an attempt
 * lost while it was being cancelled is cancelled.
 */
function finalOutcome(attempt: Attempt, outcome: Outcome): Outcome {
  const undone = outcome.kind === 'failed' && AFTERWARDS.has(outcome.reason);
  if (attempt.reported !== undefined && !undone) return attempt.reported.outcome;
  const { stopping } = attempt;
  if ((stopping === 'cancelled' || stopping === 'stopped') && outcome.kind !== 'complete') {
    return { kind: 'cancelled', message: stopping === 'cancelled' ? 'cancelled' : 'stopped with its run' };
  }
  if (stopping === 'timeout' && outcome.kind === 'lost')
    return { kind: 'timed-out', message: outcome.message };
  return outcome;
}

function afterOutcome(state: State, node: TaskNode, outcome: Outcome, now: Instant): Fact[] {
  switch (outcome.kind) {
    case 'complete':
      return [ended(node, { kind: 'complete' }, unblockedBy(node))];
    case 'cancelled':
      return [ended(node, { kind: 'cancelled', message: outcome.message }), ...skipDependents(node)];
    case 'failed':
    case 'timed-out':
    case 'lost': {
      const again = retry(state, node, now);
      if (again !== undefined) return [again];
      const facts = [ended(node, { kind: 'failed', message: outcome.message }), ...skipDependents(node)];
      return node.run.plan.settings.onFailure === 'stop'
        ? [...facts, ...stopRun(node.run, facts, node.task.id)]
        : facts;
    }
    default:
      return unreachable(outcome);
  }
}

/** With waves, nothing comes free before the wave has ended. */
function unblockedBy(node: TaskNode): TaskNode[] {
  if (node.run.waves !== undefined) return [];
  return node.dependents.filter(each => each.blockers === 1 && each.status.kind === 'waiting');
}

export function noteOutcome(attempt: Attempt, fact: FactOf<'OutcomeReported'>): void {
  attempt.reported = { outcome: fact.outcome, source: fact.source };
}

/** Slot and locks are free; what becomes of the task, the next fact says. */
export function settleAttempt(state: State, fact: FactOf<'AttemptSettled'>, record: JournalRecord): void {
  const attempt = attemptOf(state, fact.attempt);
  const { node } = attempt;
  state.attempts.delete(attempt.id);
  state.slots.delete(attempt.worker);
  state.lately.set(attempt.worker, node);
  node.lane.running--;
  node.run.running--;
  node.status = { kind: 'waiting' };
  node.last = {
    id: attempt.id,
    worker: attempt.worker,
    outcome: fact.outcome,
    exit: fact.exit,
    reported: attempt.reported,
    wallAt: attempt.wallAt,
    startedAt: attempt.startedAt,
    startedWall: attempt.startedWall,
    settledAt: record.at,
    settledWall: record.wall,
  };
  releaseWaiters(attempt);
}
