import type { ConflictFinder } from '../projections/explain.js';
import { conflictOf, type Conflict } from '../scheduler/lock.js';
import { waitOf } from '../scheduler/run-lock.js';
import type { State, TaskNode } from '../scheduler/state.js';

/** How the holder of a file is found that something waits for. */
export const CONFLICTS: ConflictFinder = { ofTask: conflictOf, ofAttempt: waitOf };

/** Whom a task waits for: for a file it declared before it can begin, or for one it asked for while it runs. */
export function conflictFor(state: State, node: TaskNode): Conflict | undefined {
  const { status } = node;
  if (status.kind === 'blocked') return conflictOf(state, node);
  return status.kind === 'running' ? waitOf(state, status.attempt) : undefined;
}
