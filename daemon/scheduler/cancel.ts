import type { Fact } from '../../bus-schema/fact.js';
import type { TaskId } from '../../bus-schema/ids.js';
import type { Message } from './message.js';
import { closing } from './run-end.js';
import { ended, skipDependents } from './task-end.js';
import { stopping } from './stall.js';
import type { Attempt, Run, State, TaskNode } from './state.js';

/** Cancels a task, or a whole run. What runs is ended first; its task's end follows when its processes are gone. */
export function cancel(state: State, message: Extract<Message, { type: 'Cancel' }>): readonly Fact[] {
  const run = state.runs.get(message.run);
  if (run === undefined || run.ended !== undefined) return [];
  if (message.task === undefined) return closing(run, cancelRun(run));
  const node = run.byId.get(message.task);
  return node === undefined ? [] : closing(run, cancelTask(node));
}

/** The run cannot go on, for a reason that is not in it. */
export function abandon(state: State, message: Extract<Message, { type: 'Abandon' }>): readonly Fact[] {
  const run = state.runs.get(message.run);
  if (run === undefined || run.ended !== undefined || run.stopping !== undefined) return [];
  return closing(run, stopRun(run, [], message.message));
}

function cancelTask(node: TaskNode): Fact[] {
  switch (node.status.kind) {
    case 'before':
    case 'ended':
      return [];
    case 'running':
      return mayStop(node.status.attempt) ? [stopping(node.status.attempt, 'cancelled')] : [];
    case 'waiting':
    case 'ready':
    case 'blocked':
    case 'backoff':
    case 'deferred':
      return [ended(node, { kind: 'cancelled', message: 'cancelled' }), ...skipDependents(node)];
  }
}

function cancelRun(run: Run): Fact[] {
  if (run.stopping !== undefined) return [];
  return [
    { type: 'RunStopping', run: run.id, reason: 'cancelled', message: 'the run was cancelled' },
    ...endAll(run, new Set(), 'cancelled', 'the run was cancelled'),
  ];
}

/** The run ends for what has gone wrong in it. `before` are the ends that this decision holds already. */
export function stopRun(run: Run, before: readonly Fact[], message: string): Fact[] {
  const ending = new Set(before.flatMap(fact => (fact.type === 'TaskEnded' ? [fact.task] : [])));
  return [
    { type: 'RunStopping', run: run.id, reason: 'failure', message },
    ...endAll(run, ending, 'stopped', message),
  ];
}

/** An attempt that is ended for a stall or its timeout would be retried; a cancellation overrules that. */
function mayStop(attempt: Attempt): boolean {
  return attempt.stopping !== 'cancelled' && attempt.stopping !== 'stopped';
}

function endAll(
  run: Run,
  except: ReadonlySet<TaskId>,
  reason: 'cancelled' | 'stopped',
  message: string,
): Fact[] {
  const facts: Fact[] = [];
  for (const node of run.nodes) {
    const { status } = node;
    if (status.kind === 'before' || status.kind === 'ended' || except.has(node.task.id)) continue;
    if (status.kind !== 'running') facts.push(ended(node, { kind: 'cancelled', message }));
    else if (mayStop(status.attempt)) facts.push(stopping(status.attempt, reason));
  }
  return facts;
}
