import type { Fact } from '../../bus-schema/fact.js';
import type { AttemptId, RunId, TaskId, WorkerId } from '../../bus-schema/ids.js';
import { unreachable } from '../../bus-schema/result.js';

/**
 * What the shell must do because of a fact, once the fact is durable and not before. Each may be done twice (a crash may
 * fall between an act and the knowledge of it), so each is made to be repeatable; none may be lost, so recovery finds
 * them again in the state.
 */
export type Effect =
  /** Hand the attempt to its worker, starting the worker's process if there is none. */
  | { readonly do: 'start'; readonly attempt: AttemptId }
  /** End the attempt's process tree; after an accepted outcome it first gets time to end by itself. */
  | { readonly do: 'stop'; readonly attempt: AttemptId; readonly graceful: boolean }
  /** Move the event files of an earlier attempt out of the way: they must not end the next one, nor tell of an end that has not come. */
  | { readonly do: 'clear-events'; readonly run: RunId; readonly task: TaskId }
  /** Say by event file that all dependencies of these tasks are complete. */
  | { readonly do: 'announce-ready'; readonly run: RunId; readonly tasks: readonly TaskId[] }
  | { readonly do: 'begin-run'; readonly run: RunId }
  | { readonly do: 'tick-boxes'; readonly run: RunId }
  /** Reports, the end event, the track's metadata. */
  | { readonly do: 'finish-run'; readonly run: RunId }
  /** The pruned runs' event files and folders go. */
  | { readonly do: 'remove-runs'; readonly runs: readonly RunId[] }
  | { readonly do: 'replace-worker'; readonly worker: WorkerId };

export function effectsOf(fact: Fact): readonly Effect[] {
  switch (fact.type) {
    case 'RunSubmitted':
      return [{ do: 'begin-run', run: fact.run }];
    case 'AttemptStarted':
      return [{ do: 'start', attempt: fact.attempt }];
    case 'OutcomeReported':
      return [{ do: 'stop', attempt: fact.attempt, graceful: true }];
    case 'AttemptStopping':
      return [{ do: 'stop', attempt: fact.attempt, graceful: false }];
    case 'RetryScheduled':
    case 'TaskDeferred':
    case 'StageBegun':
    case 'TaskReopened':
      return [{ do: 'clear-events', run: fact.run, task: fact.task }];
    case 'TaskEnded':
      if (fact.end.kind !== 'complete') return [];
      return [
        { do: 'tick-boxes', run: fact.run },
        { do: 'announce-ready', run: fact.run, tasks: fact.unblocks },
      ];
    case 'RunEnded':
      return [{ do: 'finish-run', run: fact.run }];
    case 'RunsPruned':
      return [{ do: 'remove-runs', runs: fact.runs }];
    case 'WorkerLost':
      return [{ do: 'replace-worker', worker: fact.worker }];
    case 'DaemonStarted':
    case 'WaveStarted':
    case 'TaskBlocked':
    case 'AttemptSettled':
    case 'RetryDue':
    case 'DeferredDue':
    case 'LocksTaken':
    case 'LocksAwaited':
    case 'LocksReleased':
    case 'DeadlockResolved':
    case 'OutsideLockTaken':
    case 'OutsideLockReleased':
    case 'RunStopping':
    case 'Paused':
    case 'Resumed':
    case 'LimitSet':
    case 'DrainStarted':
      return [];
    default:
      return unreachable(fact);
  }
}
