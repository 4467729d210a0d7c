import type { Diagnostic } from '../../bus-schema/diagnostic.js';
import type { TaskId } from '../../bus-schema/ids.js';
import type { AskedPlan, AskedTask } from '../../bus-schema/plan.js';
import { printable } from '../../bus-schema/printable.js';
import { overlaps, type RepoPath } from '../../bus-schema/repo-path.js';
import type { Result } from '../../bus-schema/result.js';
import type { Reading } from './fields.js';
import { conclude, type PlanReading } from './reading.js';
import { wrong, type Path, type Problem } from './source.js';
import { validateTasks, type Draft } from './validate.js';
import { wavePrompt, type WaveContext } from './wave-prompt.js';

/** A dependency or a file, and where it is written. */
export interface Named {
  readonly id: string | undefined;
  readonly path: Path;
}

/** A task of a wave as far as its reader got, whatever the wave is written in. */
export interface WaveTask {
  /** Of two steps, by which the task is found again. */
  readonly path: Path;
  readonly id: string | undefined;
  readonly idPath: Path;
  readonly type?: string | undefined;
  readonly dependencies: readonly Named[];
  readonly files: ReadonlyMap<RepoPath, Path>;
  readonly model: string | undefined;
  readonly review: boolean;
  readonly context: WaveContext;
}

/** The plan as a whole, and where its list of tasks stands. */
export interface WaveHead {
  readonly name: string;
  readonly wave?: number | undefined;
  readonly maxParallel?: number | undefined;
  readonly listPath: Path;
}

/** How much may be compared to find files that tasks share; beyond that a warning is not worth the time. */
const MOST_COMPARED = 500_000;
const GLOB = /[*?[{]/;

export function concludeWave(
  reading: Reading,
  tasks: readonly WaveTask[],
  head: WaveHead,
): Result<PlanReading, Diagnostic[]> {
  if (!reading.problems.areEnough) {
    reading.problems.add(idsAndOrder(tasks, head.listPath));
    reading.problems.add(sharedFiles(tasks));
  }
  return conclude(reading, (): AskedPlan => ({
    format: 'wave',
    name: head.name,
    wave: head.wave,
    groups: [],
    limits: {},
    tasks: tasks.map(askedTask),
    settings: { maxParallel: head.maxParallel },
  }));
}

export function warning(path: Path, message: string, remedy?: string): Problem {
  return { ...wrong(path, message, remedy), severity: 'warning' };
}

function askedTask(task: WaveTask): AskedTask {
  const { type, files, dependencies, model, review, context } = task;
  const id = task.id ?? '';
  const paths = [...files.keys()];
  const known = dependencies.flatMap(dependency => dependency.id ?? []);
  const asked: AskedTask = {
    id: id as TaskId,
    title: printable(context.description?.trim().replace(/\s+/g, ' ') ?? id, 300),
    type,
    files: paths,
    access: 'write',
    dependsOn: [...new Set(known)] as TaskId[],
    priority: 2,
    env: {},
    done: false,
    answers: true,
    work: { kind: 'agent', prompt: wavePrompt(id, paths, context), model },
  };
  return review ? { ...asked, review } : asked;
}

/** What validation says, at the places where the wave has it: not all are below the task under the key of that name. */
function idsAndOrder(tasks: readonly WaveTask[], listPath: Path): Problem[] {
  const drafts = tasks.map(({ path, id, dependencies }): Draft => ({
    path,
    id,
    dependsOn: dependencies.map(dependency => dependency.id),
  }));
  const problems = validateTasks(drafts, listPath, 'dependencies');
  if (problems.length === 0) return problems;
  const byPath = new Map(tasks.map(task => [keyOf(task.path), task]));
  return problems.map(problem => {
    const task = byPath.get(keyOf(problem.path.slice(0, 2)));
    const [, , key, position] = problem.path;
    if (task === undefined) return problem;
    if (key === 'id') return { ...problem, path: task.idPath };
    return { ...problem, path: task.dependencies[Number(position)]?.path ?? task.path };
  });
}

const keyOf = (path: Path): string => path.join(' ');

/** Tasks that write a file which one before them writes: their locks keep them apart, and their author may not know. */
function sharedFiles(tasks: readonly WaveTask[]): Problem[] {
  if (tasks.every(({ files }) => files.size === 0)) return [];
  const budget = { left: MOST_COMPARED };
  const byFile = new Map<RepoPath, WaveTask>();
  const places = new Map(tasks.map((task, index) => [task.id, index]));
  return tasks.flatMap(task => {
    let found: Problem | undefined;
    for (const [file, path] of task.files) {
      const other = byFile.get(file) ?? firstOverlapping(byFile, file, budget);
      if (other === undefined || comesAfter(task, other, tasks, places, budget)) continue;
      const [own, others] = [task.id, other.id].map(id => printable(id ?? '?', 60));
      found = warning(path, `${own} shares ${printable(file, 100)} with ${others}: it runs after it`);
      break;
    }
    for (const file of task.files.keys()) if (!byFile.has(file)) byFile.set(file, task);
    return found ?? [];
  });
}

function firstOverlapping(
  byFile: ReadonlyMap<RepoPath, WaveTask>,
  file: RepoPath,
  budget: { left: number },
): WaveTask | undefined {
  const isGlob = GLOB.test(file);
  for (const [other, task] of byFile) {
    // Globs are compared letter by letter, in a table.
    budget.left -= isGlob || GLOB.test(other) ? file.length * other.length : 1;
    if (budget.left < 0) return undefined;
    if (overlaps(file, other)) return task;
  }
  return undefined;
}

/** Whether a task depends on another, directly or through others: then it comes after it anyway. */
function comesAfter(
  task: WaveTask,
  other: WaveTask,
  tasks: readonly WaveTask[],
  places: ReadonlyMap<string | undefined, number>,
  budget: { left: number },
): boolean {
  const seen = new Set([task]);
  for (const { dependencies } of seen) {
    for (const { id } of dependencies) {
      const before = tasks[places.get(id) ?? -1];
      if (before === other || budget.left-- < 0) return true;
      if (before !== undefined) seen.add(before);
    }
  }
  return false;
}
