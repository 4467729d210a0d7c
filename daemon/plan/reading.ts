import type { Diagnostic } from '../../bus-schema/diagnostic.js';
import type { AskedPlan } from '../../bus-schema/plan.js';
import { printable } from '../../bus-schema/printable.js';
import { parseRepoPath, type RepoPath } from '../../bus-schema/repo-path.js';
import { fail, ok, type Result } from '../../bus-schema/result.js';
import type { Fields, Reading } from './fields.js';
import { toDiagnostics, wrong } from './source.js';

/** Longer than any path that is taken, so that one that is cut is refused for its length. */
export const LONGEST_PATH = 4096;

/** A plan that can be run, and what its author may want to know about it all the same. */
export interface PlanReading {
  readonly plan: AskedPlan;
  readonly warnings: Diagnostic[];
}

/** The plan if nothing is wrong with it, else everything that is. */
export function conclude(
  { source, problems }: Reading,
  plan: () => AskedPlan,
): Result<PlanReading, Diagnostic[]> {
  const diagnostics = [...source.warnings, ...toDiagnostics(source, problems.all)];
  if (problems.hasErrors) return fail(diagnostics);
  return ok({ plan: plan(), warnings: diagnostics });
}

/** The entries of a list, each read, until there are more errors than are told. */
export function readEach<T>(
  { problems }: Reading,
  list: readonly unknown[],
  read: (entry: unknown, index: number) => T,
): T[] {
  const all: T[] = [];
  for (const [index, entry] of list.entries()) {
    if (problems.areEnough) break;
    all.push(read(entry, index));
  }
  return all;
}

/** A task's id. One that is not quoted is refused, but known by its spelling, so that nothing else is said of it. */
export function readId({ source }: Reading, task: Fields): string | undefined {
  const value = task.get('id');
  const id = task.text('id');
  if (typeof value === 'number') return source.writtenAt(task.pathTo('id'));
  if (value === undefined) task.refuse('id', 'it has no id', 'Give it one, such as id: "1.1"');
  return id;
}

/** Paths of the repo, each once. */
export function readPaths({ problems }: Reading, task: Fields, key: string): RepoPath[] {
  const paths = new Set<RepoPath>();
  for (const [index, text] of task.texts(key).entries()) {
    if (text === undefined) continue;
    // Cut first: notes behind a path are looked for in a time that grows with the square of its length.
    const path = parseRepoPath(text.slice(0, LONGEST_PATH));
    if (path.ok) paths.add(path.value);
    else problems.push(wrong(task.pathTo(key, index), `${task.name}: ${key}: ${printable(path.error)}`));
  }
  return [...paths];
}

/** The name of a plan that does not say its own: its file's, without folders and endings. */
export function baseName(file: string): string {
  const last = file.split('/').at(-1) ?? '';
  const stem = last.replace(/\.(plan\.md|md|markdown|ya?ml|json)$/i, '');
  return stem === '' || stem === '-' ? 'plan' : stem;
}
