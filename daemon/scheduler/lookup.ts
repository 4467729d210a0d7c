import { eventName } from '../../bus-schema/event-name.js';
import type { AttemptId, RunId, TaskId } from '../../bus-schema/ids.js';
import type { Attempt, Run, State, TaskNode } from './state.js';

/** Clocks of files run up to a tick behind the clock that programs read. */
export const CLOCK_TICK_MS = 10;

/** A task of the run by a name from outside: some writers of the source system put `task-` before the id. */
export function namedIn(run: Run, id: string): TaskNode | undefined {
  const node = run.byId.get(id as TaskId);
  return node === undefined && id.startsWith('task-')
    ? run.byId.get(id.slice('task-'.length) as TaskId)
    : node;
}

/** The open attempts of a task of that name; of one run only, where it is named. */
export function openAttemptsOf(state: State, task: string, run?: string): Attempt[] {
  return [...state.attempts.values()].filter(
    ({ node }) => (run === undefined || run === node.run.id) && namedIn(node.run, task) === node,
  );
}

/** The one open attempt of a task of that name; undefined when there is none, or more than one. */
export function openAttemptOf(state: State, task: string): Attempt | undefined {
  const [attempt, other] = openAttemptsOf(state, task);
  return other === undefined ? attempt : undefined;
}

/** The names of the event files by which the open attempts may tell of their end. */
export function outcomeNames(state: State): string[] {
  return [...state.attempts.values()].flatMap(({ id, node }) =>
    (['TASK_COMPLETE', 'TASK_FAILED'] as const).flatMap(type => [
      eventName(type, node.task.id),
      eventName(type, node.task.id, id),
      eventName(type, node.task.id, `${id}.exit`),
    ]),
  );
}

/** The task that a worker of the source system bears in its name: `worker-1.2-20260801101500` does 1.2. */
export function taskInName(worker: string): string | undefined {
  return /^worker-(.{1,200})-\d{1,20}$/.exec(worker)?.[1];
}

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
