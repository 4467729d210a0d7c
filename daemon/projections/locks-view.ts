import type { LocksView } from '../../bus-schema/view.js';
import type { State } from '../scheduler/state.js';

/** `locks.json`: every path that an open attempt holds; a path that several readers share names the first of them. */
export function locksView(state: State): LocksView {
  const view = new Map<string, LocksView[string]>();
  for (const attempt of state.attempts.values()) {
    const { run, task } = attempt.node;
    for (const path of task.files) {
      if (view.has(path)) continue;
      view.set(path, {
        worker_id: attempt.worker,
        task_id: task.id,
        run_id: run.id,
        acquired_at: attempt.startedWall,
        expires_at: new Date(attempt.wallAt + task.timeoutMs).toISOString(),
      });
    }
  }
  // A path may be named `__proto__`: entries made this way are plain data whatever their key.
  return Object.fromEntries(view);
}
