import { formatDuration } from '../bus-schema/duration.js';
import type { Exit, Outcome } from '../bus-schema/outcome.js';
import { unreachable } from '../bus-schema/result.js';
import type { Collected } from './collect-output.js';
import type { CommandEnd } from './command-run.js';
import type { EndReason } from './ending.js';

/** What a command's end says about its attempt, as long as its `accept` command does not object. */
export function outcomeOf(end: CommandEnd, timeoutMs: number, lastLine: () => string | undefined): Outcome {
  switch (end.kind) {
    case 'not-started':
      return { kind: 'failed', reason: 'not-started', message: end.message };
    case 'undying':
      return { kind: 'lost', message: `cannot be ended: ${nameProcesses(end.survivors)} outlived SIGKILL` };
    case 'exited':
      return outcomeOfExit(end.exit, end.childrenEnded, lastLine);
    case 'ended-by-us':
      return end.reason === 'reported'
        ? outcomeOfExit(end.exit, false, lastLine)
        : outcomeOfReason(end.reason, timeoutMs);
    default:
      return unreachable(end);
  }
}

/** The outcome of an attempt whose end was asked for. */
export function outcomeOfReason(reason: Exclude<EndReason, 'reported'>, timeoutMs: number): Outcome {
  switch (reason) {
    case 'timeout':
      return { kind: 'timed-out', message: `ran longer than its timeout of ${formatDuration(timeoutMs)}` };
    case 'stalled':
      return { kind: 'failed', reason: 'stalled', message: 'showed no more sign of progress' };
    case 'cancelled':
      return { kind: 'cancelled', message: 'cancelled' };
    case 'conflict':
      return {
        kind: 'failed',
        reason: 'conflict',
        message: 'asked for a file that another task holds; it comes again after the others',
      };
    case 'deadlock':
      return {
        kind: 'failed',
        reason: 'deadlock',
        message: 'waited for a file in a circle with other tasks, and gave way',
      };
    case 'stopped':
      return { kind: 'cancelled', message: 'cancelled: the run was stopped' };
    default:
      return unreachable(reason);
  }
}

/** What becomes of a complete attempt when its `accept` command has been asked. */
export function outcomeOfAccept(
  end: CommandEnd,
  complete: Outcome,
  timeoutMs: number,
  lastLine: () => string | undefined,
): Outcome {
  if (end.kind === 'exited' && end.exit.code === 0) return complete;
  const outcome = outcomeOf(end, timeoutMs, lastLine);
  const refused = end.kind === 'exited' || end.kind === 'not-started';
  if (outcome.kind !== 'failed' || !refused) return outcome;
  return {
    kind: 'failed',
    reason: 'not-accepted',
    message: `its accept command said no: ${outcome.message}`,
  };
}

/** What becomes of a complete attempt when its output has been seen to. */
export function outcomeOfCollected(
  collected: Collected,
  complete: Extract<Outcome, { kind: 'complete' }>,
): Outcome {
  switch (collected.kind) {
    case 'none':
    case 'written':
      return complete;
    case 'kept': {
      const warnings = [complete.warning, collected.warning].filter(warning => warning !== undefined);
      return { ...complete, warning: warnings.join('; ') };
    }
    case 'refused':
      return { kind: 'failed', reason: 'no-output', message: collected.problem };
    default:
      return unreachable(collected);
  }
}

const CHILDREN_ENDED = 'children outlived the command and were ended';

function outcomeOfExit(exit: Exit, childrenEnded: boolean, lastLine: () => string | undefined): Outcome {
  if (exit.code === 0)
    return childrenEnded ? { kind: 'complete', warning: CHILDREN_ENDED } : { kind: 'complete' };
  const parts = [describeExit(exit)];
  const line = lastLine();
  if (line !== undefined) parts.push(line);
  const message = parts.join(': ') + (childrenEnded ? ` (${CHILDREN_ENDED})` : '');
  return { kind: 'failed', reason: exit.signal === null ? 'exit' : 'signal', message };
}

/** `exit code 7`, `ended by SIGSEGV`. */
export function describeExit(exit: Exit): string {
  if (exit.signal === null) return `exit code ${exit.code ?? 'unknown'}`;
  return `ended by ${exit.signal}${exit.signal === 'SIGKILL' ? ' (perhaps out of memory)' : ''}`;
}

function nameProcesses(pids: readonly number[]): string {
  return `${pids.length === 1 ? 'process' : 'processes'} ${pids.join(', ')}`;
}
