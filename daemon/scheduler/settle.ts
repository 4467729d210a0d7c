import type { Fact, FactOf, JournalRecord } from '../../bus-schema/fact.js';
import type { FailureReason, Outcome } from '../../bus-schema/outcome.js';
import { unreachable } from '../../bus-schema/result.js';
import { isVital } from './admit.js';
import { sourceKey } from './attribution.js';
import { stopRun } from './cancel.js';
import { deferral } from './defer.js';
import { releaseWaiters } from './lock.js';
import { attemptOf } from './lookup.js';
import type { Instant, Message } from './message.js';
import { retry } from './retry.js';
import { stopWaiting } from './run-lock.js';
import { closing } from './run-end.js';
import { ended, skipDependents } from './task-end.js';
import { nextStage, stageWords } from './review.js';
import type { Attempt, LastAttempt, State, TaskNode } from './state.js';

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
  const outcome = withVerdict(attempt, finalOutcome(attempt, message.outcome));
  const settled: Fact = {
    type: 'AttemptSettled',
    run: node.run.id,
    task: node.task.id,
    attempt: attempt.id,
    outcome,
    ...(message.exit === undefined ? {} : { exit: message.exit }),
  };
  return [settled, ...closing(node.run, afterOutcome(state, attempt, outcome, now))];
}

/** Why an attempt can fail although it was reported complete: both are found out when its command has ended. */
const AFTERWARDS: ReadonlySet<string> = new Set<FailureReason>(['not-accepted', 'no-output', 'no-verdict']);

/**
 * What was reported stands, but for the task's own `accept` command and its output, which have the last word; an attempt
 * lost while it was being cancelled is cancelled.
 */
function finalOutcome(attempt: Attempt, outcome: Outcome): Outcome {
  const undone = outcome.kind === 'failed' && AFTERWARDS.has(outcome.reason);
  if (attempt.reported !== undefined && !undone) {
    const told = attempt.reported.outcome;
    // What the worker read of the command's own words stays beside it.
    return told.kind === 'complete' && outcome.kind === 'complete' ? { ...outcome, ...told } : told;
  }
  const { stopping } = attempt;
  if ((stopping === 'cancelled' || stopping === 'stopped') && outcome.kind !== 'complete') {
    return { kind: 'cancelled', message: stopping === 'cancelled' ? 'cancelled' : 'stopped with its run' };
  }
  if (stopping === 'timeout' && outcome.kind === 'lost')
    return { kind: 'timed-out', message: outcome.message };
  return outcome;
}

/** A review without a verdict is none, whoever says that it is complete. */
function withVerdict({ stage }: Attempt, outcome: Outcome): Outcome {
  if (stage !== 'review' || outcome.kind !== 'complete' || outcome.verdict !== undefined) return outcome;
  return { kind: 'failed', reason: 'no-verdict', message: 'it was reported complete without a verdict' };
}

function afterOutcome(state: State, attempt: Attempt, outcome: Outcome, now: Instant): Fact[] {
  const { node } = attempt;
  switch (outcome.kind) {
    case 'complete': {
      const next = nextStage(attempt, outcome.verdict);
      if (next === undefined) return [ended(node, { kind: 'complete' }, unblockedBy(node))];
      if (node.run.stopping === undefined) return [next];
      return [
        ended(node, { kind: 'cancelled', message: 'stopped before its review' }),
        ...skipDependents(node),
      ];
    }
    case 'cancelled':
      return [ended(node, { kind: 'cancelled', message: outcome.message }), ...skipDependents(node)];
    case 'failed':
    case 'timed-out':
    case 'lost': {
      const again = deferral(attempt, outcome) ?? retry(state, node, now);
      if (again !== undefined) return [again];
      const message = stageWords(node) + outcome.message;
      const facts = [ended(node, { kind: 'failed', message }), ...skipDependents(node)];
      const why = reasonToStop(node, facts);
      return why === undefined ? facts : [...facts, ...stopRun(node.run, facts, why)];
    }
    default:
      return unreachable(outcome);
  }
}

/** Why the run ends because this task failed; undefined when it goes on. */
function reasonToStop(node: TaskNode, facts: readonly FactOf<'TaskEnded'>[]): string | undefined {
  const { run, task } = node;
  if (run.plan.settings.onFailure === 'stop') return `stopped because task ${task.id} failed`;
  if (!isVital(run.plan, task) || run.vital.complete > 0) return undefined;
  const ending = facts.filter(fact => {
    const other = run.byId.get(fact.task);
    return other !== undefined && isVital(run.plan, other.task);
  });
  return ending.length === run.vital.open ? `stopped because all P${task.priority} tasks failed` : undefined;
}

/** With waves, only what belongs to the present one (or is left of an earlier) comes free. */
function unblockedBy(node: TaskNode): TaskNode[] {
  const current = node.run.waves?.current ?? Infinity;
  return node.dependents.filter(
    each => each.blockers === 1 && each.status.kind === 'waiting' && each.wave <= current,
  );
}

export function noteOutcome(attempt: Attempt, fact: FactOf<'OutcomeReported'>): void {
  attempt.reported = { outcome: fact.outcome, source: fact.source };
  attempt.node.run.heard.add(sourceKey(fact.source, attempt.node.task.id));
}

/** Slot and locks are free; what becomes of the task, the next fact says. */
export function settleAttempt(state: State, fact: FactOf<'AttemptSettled'>, record: JournalRecord): void {
  const attempt = attemptOf(state, fact.attempt);
  const { node } = attempt;
  stopWaiting(state, attempt);
  state.attempts.delete(attempt.id);
  state.slots.delete(attempt.worker);
  state.lately.set(attempt.worker, node);
  node.lane.running--;
  node.run.running--;
  node.status = { kind: 'waiting' };
  const last: LastAttempt = {
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
  node.last = last;
  if (attempt.stage !== 'review') node.lastWork = last;
  else if (fact.outcome.kind === 'complete' && fact.outcome.verdict !== undefined)
    node.reviewed = { rounds: (node.reviewed?.rounds ?? 0) + 1, verdict: fact.outcome.verdict };
  releaseWaiters(attempt);
}
