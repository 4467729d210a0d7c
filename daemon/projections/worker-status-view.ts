import type { AttemptId, WorkerId } from '../../bus-schema/ids.js';
import type { WorkerStatusView } from '../../bus-schema/view.js';
import type { State } from '../scheduler/state.js';

/** What only the shell sees of its workers, by id. */
export interface WorkerSight {
  readonly pid: number;
  /** Wall time of the last beat that was seen, as UTC ISO 8601. */
  readonly lastBeat: string;
}

export interface Sightings {
  readonly workers: ReadonlyMap<WorkerId, WorkerSight>;
  /** Percentages that attempts have told of themselves. */
  readonly progress: ReadonlyMap<AttemptId, number>;
  /** Entries that other programs made, under names of their own. */
  readonly foreign?: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
}

type ForeignEntries = Record<string, Readonly<Record<string, unknown>>>;

/** `worker-status.json`: each worker with the task it runs, or else the one it had last. */
export function workerStatusView(state: State, sight: Sightings): WorkerStatusView | ForeignEntries {
  const view: WorkerStatusView = {};
  for (const [worker, node] of state.lately) {
    if (state.slots.has(worker) || node.last?.worker !== worker) continue;
    const { last } = node;
    const complete = last.outcome.kind === 'complete';
    view[worker] = {
      task_id: node.task.id,
      status: complete ? 'COMPLETE' : 'FAILED',
      progress_pct: complete ? 100 : (sight.progress.get(last.id) ?? 0),
      started_at: last.startedWall,
      last_heartbeat: last.settledWall,
      pid: sight.workers.get(worker)?.pid ?? 0,
      attempt: last.id,
    };
  }
  for (const [worker, attempt] of state.slots) {
    const seen = sight.workers.get(worker);
    view[worker] = {
      task_id: attempt.node.task.id,
      status: attempt.wants === undefined ? 'RUNNING' : 'BLOCKED',
      progress_pct: sight.progress.get(attempt.id) ?? 0,
      started_at: attempt.startedWall,
      last_heartbeat: seen?.lastBeat ?? attempt.startedWall,
      pid: seen?.pid ?? 0,
      attempt: attempt.id,
    };
  }
  return sight.foreign === undefined || sight.foreign.size === 0
    ? view
    : { ...Object.fromEntries(sight.foreign), ...view };
}
