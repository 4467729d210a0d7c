import type { WorkerId } from '../../bus-schema/ids.js';
import type { Inbox, InboxTask, Outbox, WorkspaceView } from '../../bus-schema/workspace.js';
import type { Attempt, Run, State, TaskNode } from '../scheduler/state.js';
import { heldLocks } from './held-locks.js';

/** What the session folder of a run shall say: what each worker has to do and has done, and who holds which file. */
export function workspaceView(run: Run, state: State, folder: string, progress: string): WorkspaceView {
  const open = [...state.attempts.values()].filter(({ node }) => node.run === run);
  const locks = new Map<string, string>();
  for (const { path, attempt } of heldLocks(state))
    if (attempt?.node.run === run && !locks.has(path)) locks.set(path, attempt.worker);
  const closed = closedByWorker(run);
  const boxes = [...run.workers].sort(byNumber).map(worker => ({
    inbox: inboxOf(worker, folder, open),
    outbox: outboxOf(worker, run, closed.get(worker) ?? []),
  }));
  return { folder, run: run.id, since: Date.parse(run.startedWall), boxes, locks, progress };
}

/** Tasks with no attempt open, by the worker that had the last one: a task stands in one outbox at most, and once. */
function closedByWorker(run: Run): Map<WorkerId, TaskNode[]> {
  const closed = new Map<WorkerId, TaskNode[]>();
  for (const node of run.nodes) {
    if (node.last === undefined || node.status.kind === 'running') continue;
    const { worker } = node.last;
    const nodes = closed.get(worker);
    if (nodes === undefined) closed.set(worker, [node]);
    else nodes.push(node);
  }
  return closed;
}

function inboxOf(worker: WorkerId, folder: string, open: readonly Attempt[]): Inbox {
  const tasks = open.filter(attempt => attempt.worker === worker).map(inboxTask);
  return { worker_id: worker, session_folder: folder, tasks };
}

function inboxTask({ node: { task }, number }: Attempt): InboxTask {
  return {
    id: task.id,
    title: task.title,
    priority: `P${task.priority}`,
    ...(task.type === undefined ? {} : { type: task.type }),
    files: task.files,
    attempt: number,
    timeout_ms: task.timeoutMs,
  };
}

function outboxOf(worker: WorkerId, run: Run, nodes: readonly TaskNode[]): Outbox {
  const completed: Outbox['tasks_completed'][number][] = [];
  const failed: Outbox['tasks_failed'][number][] = [];
  // Not the time of writing: an outbox with nothing new in it stays as it is.
  let timestamp = run.startedWall;
  for (const { task, last } of nodes) {
    if (last === undefined) continue;
    const { outcome, exit, settledAt, startedAt, settledWall } = last;
    if (settledWall > timestamp) timestamp = settledWall;
    const durationMs = Math.round(exit?.durationMs ?? settledAt - startedAt);
    if (outcome.kind === 'complete')
      completed.push({ id: task.id, status: 'success', duration_ms: durationMs });
    else failed.push({ id: task.id, status: 'failed', error: outcome.message });
  }
  return { worker_id: worker, timestamp, tasks_completed: completed, tasks_failed: failed };
}

/** `worker-2` before `worker-10`. */
function byNumber(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : 1);
}
