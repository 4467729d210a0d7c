import type { AttemptId } from '../../bus-schema/ids.js';
import type { LocksView } from '../../bus-schema/view.js';
import type { State } from '../scheduler/state.js';
import { heldLocks } from './held-locks.js';

/**
 * `locks.json`: every path that is held; one that several readers share names the first of them.
 * @param names under which an attempt's agent goes elsewhere: a worker of the source system that finds a file of its own
 * under another name would take it for held.
 */
export function locksView(state: State, names: ReadonlyMap<AttemptId, string> = new Map()): LocksView {
  const view = new Map<string, LocksView[string]>();
  for (const { path, worker, attempt, since, expires } of heldLocks(state)) {
    if (view.has(path)) continue;
    const alias = attempt === undefined ? undefined : names.get(attempt.id);
    view.set(path, {
      worker_id: worker === attempt?.worker ? (alias ?? worker) : worker,
      ...(attempt === undefined ? {} : { task_id: attempt.node.task.id, run_id: attempt.node.run.id }),
      acquired_at: since,
      expires_at: expires,
    });
  }
  // A path may be named `__proto__`: entries made this way are plain data whatever their key.
  return Object.fromEntries(view);
}
