import type { Plan, Task } from '../../bus-schema/plan.js';
import { overlaps } from '../../bus-schema/repo-path.js';

/** Where commands note their beginning and end, below the repo; a line is one append, so the order is the true one. */
export const WITNESS = 'witness.log';

/** A command that takes a moment and bears witness of it. */
export const witnessed = (work = 'sleep 0.05'): string =>
  `echo "begin $SIGNALBOX_TASK_ID" >> ${WITNESS}; ${work}; echo "end $SIGNALBOX_TASK_ID" >> ${WITNESS}`;

/** Holds a command back until a file is there; gives up before the test does. */
export const awaiting = (file: string): string =>
  `i=0; while [ ! -e ${file} ]; do i=$((i+1)); [ $i -lt 400 ] || exit 9; sleep 0.02; done`;

/** The tasks whose commands began, in that order. */
export const begunIn = (lines: readonly string[]): string[] =>
  lines.flatMap(line => /^begin (.*)$/.exec(line)?.[1] ?? []);

export interface Testimony {
  readonly violations: string[];
  /** Tasks in the order in which their commands began. */
  readonly begun: string[];
  /** Most commands that ran at once. */
  readonly peak: number;
}

/**
 * Holds what commands saw against their plan: each once, none before its dependencies have ended, no file in two hands.
 * Knows nothing of the journal, which could be wrong in the same way as whoever writes it.
 */
export function hearWitness(lines: readonly string[], plan: Plan): Testimony {
  const tasks = new Map<string, Task>(plan.tasks.map(task => [task.id, task]));
  const ended = new Set<string>(plan.tasks.filter(task => task.done).map(task => task.id));
  const open = new Map<string, Task>();
  const testimony = { violations: new Array<string>(), begun: new Array<string>(), peak: 0 };
  const blame = (what: string): void => void testimony.violations.push(what);
  for (const line of lines) {
    const [, verb, id = ''] = /^(begin|end) (\S+)$/.exec(line) ?? [];
    const task = tasks.get(id);
    if (task === undefined) blame(`nobody knows what "${line}" means`);
    else if (verb === 'end') {
      if (!open.delete(id)) blame(`${id} ended without a beginning`);
      ended.add(id);
    } else {
      if (testimony.begun.includes(id)) blame(`${id} began twice`);
      for (const dependency of task.dependsOn)
        if (!ended.has(dependency)) blame(`${id} began before ${dependency} had ended`);
      for (const other of open.values())
        if (shareFile(task, other)) blame(`${id} and ${other.id} share a file`);
      open.set(id, task);
      testimony.begun.push(id);
      testimony.peak = Math.max(testimony.peak, open.size);
    }
  }
  for (const id of open.keys()) blame(`${id} never ended`);
  for (const { id } of plan.tasks) if (!ended.has(id)) blame(`${id} was never run`);
  return testimony;
}

function shareFile(a: Task, b: Task): boolean {
  if (a.access === 'read' && b.access === 'read') return false;
  return a.files.some(mine => b.files.some(theirs => overlaps(mine, theirs)));
}
