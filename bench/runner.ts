import { spawnSync } from 'node:child_process';
import type { Dag } from './dags.js';
import { say } from './progress.js';

/** A tool that can run a workload. */
export interface Runner {
  readonly name: string;
  /** Milliseconds that it took, by its own measure: see the runner. */
  readonly run: (dag: Dag) => Promise<number>;
}

/** A tool that this machine does not have. */
export interface Absent {
  readonly name: string;
  /** What would install it. */
  readonly remedy: string;
}

const missed = new Map<string, string>();

/** Those that are there; of the others it is told once, and again with the results. */
export function present<T extends { readonly name: string }>(all: readonly (T | Absent)[]): T[] {
  return all.filter((each): each is T => {
    if (!isAbsent(each)) return true;
    if (!missed.has(each.name)) say(`${each.name} is not here and is left out; ${each.remedy}`);
    missed.set(each.name, each.remedy);
    return false;
  });
}

const isAbsent = (each: { readonly name: string } | Absent): each is Absent => 'remedy' in each;

export const absences = (): Absent[] => [...missed].map(([name, remedy]) => ({ name, remedy }));

/** Whether a program of the machine is there. */
export const hasProgram = (program: string): boolean =>
  spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;
