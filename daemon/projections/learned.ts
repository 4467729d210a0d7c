import { kindKey, taskKey, type History } from '../../bus-schema/history.js';
import type { LastAttempt, Run, TaskNode } from '../scheduler/state.js';

/** Durations that are kept of one task: enough for a median that one odd run does not move. */
const MOST_OF_A_TASK = 5;
/** And of one kind of task, where all differ. */
const MOST_OF_A_KIND = 25;
/** What was not seen for longest is forgotten first. */
const MOST_TASKS = 100_000;
const MOST_KINDS = 1000;
const MOST_RUNS = 100;

/** The history with a run that has ended. Learned from once: a run that it knows changes nothing. */
export function learn(history: History, run: Run): History {
  if (history.runs.includes(run.id)) return history;
  const tasks = new Map(Object.entries(history.tasks));
  const kinds = new Map(Object.entries(history.kinds));
  for (const node of run.nodes) {
    const ms = durationOf(node);
    if (ms === undefined) continue;
    add(tasks, taskKey(run.plan, node.task.id), ms, MOST_OF_A_TASK);
    const kind = kindKey(node.task);
    if (kind !== undefined) add(kinds, kind, ms, MOST_OF_A_KIND);
  }
  return {
    version: 1,
    runs: [...history.runs, run.id].slice(-MOST_RUNS),
    tasks: latest(tasks, MOST_TASKS),
    kinds: latest(kinds, MOST_KINDS),
  };
}

/** How long a complete task takes when nothing goes wrong: its work, and the review that let it pass. */
function durationOf({ status, last, lastWork }: TaskNode): number | undefined {
  if (status.kind !== 'ended' || status.end.kind !== 'complete' || lastWork === undefined) return undefined;
  return lengthOf(lastWork) + (last === undefined || last === lastWork ? 0 : lengthOf(last));
}

/** Of the command alone, where its worker told: the first attempt of a worker waits for that to start. */
const lengthOf = ({ exit, startedAt, settledAt }: LastAttempt): number =>
  Math.max(0, Math.round(exit?.durationMs ?? settledAt - startedAt));

/** Taken out and put in again, so that the order of the keys is that of the last sight of each. */
function add(known: Map<string, number[]>, key: string, ms: number, most: number): void {
  const durations = known.get(key) ?? [];
  known.delete(key);
  known.set(key, [...durations, ms].slice(-most));
}

const latest = (known: ReadonlyMap<string, number[]>, most: number): Record<string, number[]> =>
  Object.fromEntries([...known].slice(-most));
