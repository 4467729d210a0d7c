import type { JournalRecord } from '../../bus-schema/fact.js';
import type { RunId } from '../../bus-schema/ids.js';
import { judge } from '../oracle/journal-oracle.js';
import type { CrashTask } from './plan.js';

/** What else must hold where only some processes were ended. */
export interface Demands {
  /** No command was touched, so each task is started once and no more. */
  readonly once: boolean;
}

/**
 * Everything that is wrong with a run after its crashes, by its journal and by what its commands saw themselves. A line
 * of the witness is one append, so their order is the true one.
 */
export function verdictOn(
  records: readonly JournalRecord[],
  witness: readonly string[],
  tasks: readonly CrashTask[],
  { once }: Demands,
): string[] {
  const runs = records.flatMap(({ facts }) =>
    facts.flatMap(fact => (fact.type === 'RunSubmitted' ? [fact.run] : [])),
  );
  const [run] = runs;
  if (run === undefined || runs.length > 1) return [`one run was asked for, there are ${runs.length}`];
  const judged = judge(records, run);
  const wrong = [...judged.violations];
  for (const [task, end] of judged.ends) if (end !== 'complete') wrong.push(`task ${task} ended as ${end}`);
  if (once)
    for (const [task, starts] of judged.started)
      if (starts !== 1) wrong.push(`task ${task} was started ${starts} times`);
  return [...wrong, ...heard(witness, attemptsOf(records, run), tasks, once)];
}

function attemptsOf(records: readonly JournalRecord[], run: RunId): ReadonlyMap<string, string> {
  return new Map(
    records.flatMap(({ facts }) =>
      facts.flatMap(fact =>
        fact.type === 'AttemptStarted' && fact.run === run ? [[fact.attempt, fact.task] as const] : [],
      ),
    ),
  );
}

function heard(
  witness: readonly string[],
  attempts: ReadonlyMap<string, string>,
  tasks: readonly CrashTask[],
  once: boolean,
): string[] {
  const wrong: string[] = [];
  const needs = new Map(tasks.map(task => [task.id, task.depends_on]));
  const begun = new Set<string>();
  const ended = new Set<string>();
  /** Of these the bus has said, by starting what needs them, or was told with an answer that they are complete. */
  const over = new Map<string, string>();
  for (const line of witness) {
    const [, verb, attempt = ''] = /^(begin|end|told) (\S+)$/.exec(line) ?? [];
    const task = attempts.get(attempt);
    if (task === undefined) wrong.push(`the journal knows nothing of "${line}"`);
    else if (verb === 'end') ended.add(attempt);
    else if (verb === 'told') over.set(task, 'its completion was told');
    else {
      if (begun.has(attempt)) wrong.push(`the command of ${attempt} was started twice`);
      begun.add(attempt);
      const why = over.get(task);
      if (why !== undefined) wrong.push(`task ${task} was started by ${attempt} after ${why}`);
      for (const need of needs.get(task) ?? []) over.set(need, `${task}, which needs it, was started`);
    }
  }
  for (const { id } of tasks)
    if (![...begun].some(attempt => attempts.get(attempt) === id)) wrong.push(`nobody saw task ${id} run`);
  if (once)
    for (const attempt of begun)
      if (!ended.has(attempt)) wrong.push(`the command of ${attempt} was cut short`);
  return wrong;
}
