import { formatDuration } from '../../bus-schema/duration.js';
import { unreachable } from '../../bus-schema/result.js';
import type { Conflict } from '../scheduler/lock.js';
import type { Attempt, State, TaskNode } from '../scheduler/state.js';

/** Finds who holds a file that a task needs. */
export interface ConflictFinder {
  /** For a task that has not begun. */
  readonly ofTask: (state: State, node: TaskNode) => Conflict | undefined;
  /** For an attempt that asked for a file while it runs. */
  readonly ofAttempt: (state: State, attempt: Attempt) => Conflict | undefined;
}

/** `task 1.2 of run build holds (worker-1)`, for a sentence that ends with it. */
export function holderWords(conflict: Conflict): string {
  if (conflict.kind === 'outside') return `${conflict.holder.worker} holds, which is no worker of ours`;
  const { node, worker } = conflict.holder;
  return `task ${node.task.id} of run ${node.run.id} holds (${worker})`;
}

/** Why a task is where it is, in one or a few sentences: what `explain` prints. */
export function explain(state: State, node: TaskNode, at: number, find: ConflictFinder): string[] {
  const { status, task } = node;
  switch (status.kind) {
    case 'before':
      return [`task ${task.id} is marked as done in its plan`];
    case 'ended':
      return [`task ${task.id} ${endSentence(node)}`];
    case 'running': {
      const { attempt } = status;
      const since = formatDuration(at - attempt.startedAt);
      const ending = attempt.stopping === undefined ? '' : `; it is being ended (${attempt.stopping})`;
      const conflict = find.ofAttempt(state, attempt);
      return [
        `task ${task.id} runs on ${attempt.worker} since ${since}, attempt ${attempt.number}${ending}`,
        ...(conflict === undefined
          ? []
          : [`it asked for ${conflict.path} and waits for it, which ${holderWords(conflict)}`]),
      ];
    }
    case 'backoff':
      return [
        `task ${task.id} failed and is tried again in ${formatDuration(Math.max(0, status.retryAt - at))}`,
      ];
    case 'deferred':
      return [
        `task ${task.id} met a conflict over a file; it comes again when the rest of its run is through`,
      ];
    case 'waiting':
      return waiting(node);
    case 'ready':
    case 'blocked':
      return [
        `task ${task.id} is ready: all of its dependencies are complete`,
        ...obstacles(state, node, find.ofTask(state, node)),
      ];
    default:
      return unreachable(status);
  }
}

function endSentence({ status, attempts }: TaskNode): string {
  if (status.kind !== 'ended') return '';
  const { end } = status;
  switch (end.kind) {
    case 'complete':
      return `is complete, after ${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}`;
    case 'failed':
      return `failed after ${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}: ${end.message}`;
    case 'skipped':
      return `was skipped, because ${end.cause} did not complete`;
    case 'cancelled':
      return `was cancelled: ${end.message}`;
    default:
      return unreachable(end);
  }
}

function waiting(node: TaskNode): string[] {
  const { run, task } = node;
  const open = task.dependsOn.flatMap(id => run.byId.get(id) ?? []).filter(each => !isComplete(each));
  if (open.length === 0) return [`task ${task.id} waits for its wave: tasks of an earlier wave are not done`];
  return [
    `task ${task.id} waits for ${open.length} of its ${task.dependsOn.length} dependencies:`,
    ...open.map(each => `  ${each.task.id} is ${each.status.kind}`),
  ];
}

function isComplete({ status }: TaskNode): boolean {
  return status.kind === 'before' || (status.kind === 'ended' && status.end.kind === 'complete');
}

/** Whatever stands between a ready task and its start; all of it, not only the first. */
function obstacles(state: State, node: TaskNode, conflict: Conflict | undefined): string[] {
  const { run, lane, task } = node;
  const found: string[] = [];
  if (conflict !== undefined) found.push(`it waits for ${conflict.path}, which ${holderWords(conflict)}`);
  if (state.draining) found.push('the daemon is draining: nothing new is started');
  if (state.paused) found.push('everything is paused: `signalbox resume` goes on');
  if (run.paused) found.push(`its run is paused: \`signalbox resume ${run.id}\` goes on`);
  if (state.attempts.size >= state.maxParallel)
    found.push(`all ${state.maxParallel} slots of the daemon are taken`);
  if (run.running >= run.plan.settings.maxParallel)
    found.push(`all ${run.plan.settings.maxParallel} slots of its run are taken`);
  if (lane.running >= lane.limit)
    found.push(`at most ${lane.limit} tasks of type "${task.type ?? ''}" may run at once`);
  if (found.length === 0)
    found.push('it starts as soon as the daemon turns to it, or a task before it has started');
  return found;
}
