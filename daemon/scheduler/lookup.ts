import type { AttemptId, RunId, TaskId } from '../../bus-schema/ids.js';
import type { Attempt, Run, State, TaskNode } from './state.js';

/** For facts, which only speak of what there is: what is missing is a bug or a journal that was meddled with. */
export function runOf(state: State, id: RunId): Run {
  const run = state.runs.get(id);
  if (run === undefined) throw new Error(`Internal error: there is no run ${id}`);
  return run;
}

export function nodeOf(state: State, where: { readonly run: RunId; readonly task: TaskId }): TaskNode {
  const node = runOf(state, where.run).byId.get(where.task);
  if (node === undefined) throw new Error(`Internal error: run ${where.run} has no task ${where.task}`);
  return node;
}

export function attemptOf(state: State, id: AttemptId): Attempt {
  const attempt = state.attempts.get(id);
  if (attempt === undefined) throw new Error(`Internal error: there is no open attempt ${id}`);
  return attempt;
}
