import type { Fact, FactOf, JournalRecord } from '../../bus-schema/fact.js';
import { unreachable } from '../../bus-schema/result.js';
import { admitRun } from './admit.js';
import { beginAttempt } from './dispatch.js';
import { deferTask, endDeferral } from './defer.js';
import { forgetPause, setPause } from './drain.js';
import { waitForLock } from './lock.js';
import { releaseOutside, takeOutside } from './outside-lock.js';
import { forgetRuns } from './prune.js';
import { endRun, startWave } from './run-end.js';
import { beginBackoff, endBackoff, reopenTask } from './retry.js';
import { beginStage } from './review.js';
import { awaitLocks, releaseLocks, stopWaiting, takeLocks } from './run-lock.js';
import { noteOutcome, settleAttempt } from './settle.js';
import { endTask } from './task-end.js';
import { attemptOf, nodeOf, runOf } from './lookup.js';
import type { State } from './state.js';

/**
 * Folds a record into the state. The only thing that changes a state; recovery is nothing but this, from the start. A
 * record may come in parts, as the turn that makes it goes on: they share its number. Where runs were pruned it may follow
 * a gap, and facts about other runs have to mean the same without theirs.
 */
export function evolve(state: State, record: JournalRecord): void {
  const { seq, after = seq - 1 } = record;
  if (seq !== state.seq && after !== state.seq) {
    throw new Error(`Internal error: record ${seq} follows ${state.seq}`);
  }
  state.seq = record.seq;
  state.at = record.at;
  for (const fact of record.facts) apply(state, fact, record);
}

function apply(state: State, fact: Fact, record: JournalRecord): void {
  switch (fact.type) {
    case 'DaemonStarted':
      state.bootId = fact.bootId;
      state.maxParallel = fact.maxParallel;
      state.draining = false;
      if (state.seed === '') state.seed = fact.seed;
      return;
    case 'RunSubmitted':
      return admitRun(state, fact, record);
    case 'WaveStarted':
      return startWave(runOf(state, fact.run), fact);
    case 'AttemptStarted':
      return beginAttempt(state, fact, record);
    case 'TaskBlocked':
      return waitForLock(state, nodeOf(state, fact), fact);
    case 'OutcomeReported':
      return noteOutcome(attemptOf(state, fact.attempt), fact);
    case 'AttemptStopping':
      return stopAttempt(state, fact);
    case 'AttemptSettled':
      return settleAttempt(state, fact, record);
    case 'RetryScheduled':
      return beginBackoff(state, nodeOf(state, fact), fact.retryAt);
    case 'RetryDue':
      return endBackoff(state, nodeOf(state, fact));
    case 'StageBegun':
      return beginStage(state, nodeOf(state, fact), fact.stage);
    case 'TaskEnded':
      return endTask(state, nodeOf(state, fact), fact);
    case 'TaskReopened':
      return reopenTask(state, nodeOf(state, fact), fact.revives);
    case 'RunStopping':
      runOf(state, fact.run).stopping = { reason: fact.reason, message: fact.message };
      return;
    case 'RunEnded':
      return endRun(state, fact, record);
    case 'RunsPruned':
      return forgetRuns(state, fact.runs);
    case 'Paused':
      return setPause(state, fact.run);
    case 'Resumed':
      return forgetPause(state, fact.run);
    case 'LimitSet':
      state.maxParallel = fact.maxParallel;
      return;
    case 'DrainStarted':
      state.draining = true;
      return;
    case 'TaskDeferred':
      return deferTask(nodeOf(state, fact));
    case 'DeferredDue':
      return endDeferral(nodeOf(state, fact));
    case 'LocksTaken':
    case 'LocksAwaited':
    case 'LocksReleased':
    case 'OutsideLockTaken':
    case 'OutsideLockReleased':
      return applyLock(state, fact, record);
    case 'DeadlockResolved':
    case 'WorkerLost':
      return;
    default:
      return unreachable(fact);
  }
}

/** What concerns locks that no plan declares. */
function applyLock(
  state: State,
  fact: FactOf<'LocksTaken' | 'LocksAwaited' | 'LocksReleased' | 'OutsideLockTaken' | 'OutsideLockReleased'>,
  record: JournalRecord,
): void {
  switch (fact.type) {
    case 'LocksTaken':
      return takeLocks(state, fact, record);
    case 'LocksAwaited':
      return awaitLocks(state, fact, record);
    case 'LocksReleased':
      return releaseLocks(state, fact);
    case 'OutsideLockTaken':
      return takeOutside(state, fact, record);
    case 'OutsideLockReleased':
      return releaseOutside(state, fact);
    default:
      return unreachable(fact);
  }
}

function stopAttempt(state: State, fact: FactOf<'AttemptStopping'>): void {
  const attempt = attemptOf(state, fact.attempt);
  attempt.stopping = fact.reason;
  stopWaiting(state, attempt);
}
