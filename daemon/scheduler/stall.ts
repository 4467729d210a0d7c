import type { Fact, StopReason } from '../../bus-schema/fact.js';
import type { AttemptId } from '../../bus-schema/ids.js';
import type { Instant } from './message.js';
import type { Attempt, State } from './state.js';

/**
 * A worker ends its attempt at the task's timeout by itself, daemon or no daemon. Only when it is this much later, and
 * the worker has said nothing, the daemon steps in.
 */
export const TIMEOUT_SLACK_MS = 60_000;

export function overdue(state: State, now: Instant): Fact[] {
  const facts: Fact[] = [];
  for (const attempt of state.attempts.values()) {
    if (attempt.stopping === undefined && now.at >= deadlineOf(attempt))
      facts.push(stopping(attempt, 'timeout'));
  }
  return facts;
}

/** No sign of progress for too long, as the watcher of such signs found. */
export function stalled(state: State, id: AttemptId): Fact[] {
  const attempt = state.attempts.get(id);
  return attempt === undefined || attempt.stopping !== undefined ? [] : [stopping(attempt, 'stalled')];
}

export function stopping(attempt: Attempt, reason: StopReason): Fact {
  const { run, task } = attempt.node;
  return { type: 'AttemptStopping', run: run.id, task: task.id, attempt: attempt.id, reason };
}

function deadlineOf(attempt: Attempt): number {
  return attempt.startedAt + attempt.node.task.timeoutMs + TIMEOUT_SLACK_MS;
}

/** Bus time at which a Tick is worth sending, if no other message comes before. */
export function nextWakeAt(state: State): number | undefined {
  let earliest: number | undefined;
  const first = state.backoffs.peek();
  if (first?.status.kind === 'backoff') earliest = first.status.retryAt;
  for (const attempt of state.attempts.values()) {
    const deadline = deadlineOf(attempt);
    if (attempt.stopping === undefined && (earliest === undefined || deadline < earliest))
      earliest = deadline;
  }
  for (const { expiresAt } of state.outsiders.values())
    if (earliest === undefined || expiresAt < earliest) earliest = expiresAt;
  return earliest;
}
