import type { Diagnostic } from '../../bus-schema/diagnostic.js';
import type { TaskId } from '../../bus-schema/ids.js';
import type { AskedPlan, AskedTask, Group } from '../../bus-schema/plan.js';
import { printable } from '../../bus-schema/printable.js';
import { parseRepoPath, type RepoPath } from '../../bus-schema/repo-path.js';
import { fail, type Result } from '../../bus-schema/result.js';
import type { Reading } from './fields.js';
import { refuse, sourceOf, warn, type LineOf } from './markdown-source.js';
import { isDone, markdownTasks, type MarkdownTask } from './markdown-tasks.js';
import { conclude, type PlanReading } from './reading.js';
import { Problems, wrong } from './source.js';
import { taskRefs, type Roster } from './task-refs.js';
import { typeOf } from './task-type.js';
import { nameOf, trackOf } from './track-name.js';
import { validateTasks, type Draft } from './validate.js';

/** Ranges are short to write: so many tasks may be named by all of them together. */
const MOST_IN_RANGES = 500_000;
/** So many are listed of what is of one kind. */
const MOST_NAMED = 5;

/** Reads a conductor plan that has no DAG, only tasks in its Markdown. */
export function readMarkdownPlan(lines: readonly string[], file: string): Result<PlanReading, Diagnostic[]> {
  const { tasks: found, nearMisses } = markdownTasks(lines);
  if (found.length === 0) return fail([noTask(file)]);
  const dependencies: ReadonlyMap<string, number>[] = [];
  const lineOf: LineOf = (task, dependency) =>
    [...(dependencies[task]?.values() ?? [])][dependency ?? -1] ?? found[task]?.line;
  const reading: Reading = { source: sourceOf(lines, file, lineOf), problems: new Problems() };
  const inOrder = found.length > 1 && found.every(task => task.dependsOn.length + task.groups.length === 0);
  if (inOrder) warn(reading, found[0]?.line ?? 0, ...IN_ORDER);
  for (const { text, line } of nearMisses.slice(0, MOST_NAMED))
    warn(reading, line, `"${text}" is not read as a task`, 'Put a colon behind its id if it is one');
  const roster = rosterOf(found);
  const drafts = found.map((task, index): Draft & { task: AskedTask } => {
    const previous = inOrder ? found[index - 1] : undefined;
    if (!inOrder) dependencies.push(dependenciesOf(reading, task, roster));
    const dependsOn = previous === undefined ? [...(dependencies[index]?.keys() ?? [])] : [previous.id];
    const asked = askedTask(task, dependsOn, filesOf(reading, task));
    return { path: ['tasks', index], id: task.id, dependsOn, task: asked };
  });
  if (roster.left < 0)
    reading.problems.push(wrong([], `ranges of dependencies name more than ${MOST_IN_RANGES} tasks`));
  else reading.problems.add(validateTasks(drafts, []));
  return conclude(reading, (): AskedPlan => ({
    format: 'conductor',
    name: nameOf(lines, file),
    track: trackOf(file),
    groups: groupsOf(found),
    limits: {},
    tasks: drafts.map(({ task }) => task),
    settings: {},
  }));
}

const IN_ORDER = [
  'no task says what it depends on: they run one after the other, in the order of the file',
  'Write <!-- deps: none --> behind a task that may run at any time',
] as const;

/** Open tasks of the Markdown that a plan's DAG passes over: its author may think that they run. */
export function unnamedTasks(
  lines: readonly string[],
  file: string,
  named: readonly { readonly id: string }[],
): Diagnostic[] {
  const ids = new Set(named.map(({ id }) => id.replace(/^task-/i, '').toLowerCase()));
  const left = markdownTasks(lines).tasks.filter(
    task => !isDone(task) && !ids.has(task.id.replace(/^task-/i, '').toLowerCase()),
  );
  const [first] = left;
  if (first === undefined) return [];
  const more = left.length > MOST_NAMED ? ` and ${left.length - MOST_NAMED} more` : '';
  const names = left
    .slice(0, MOST_NAMED)
    .map(({ id }) => printable(id, 60))
    .join(', ');
  const message = `the DAG does not name ${left.length === 1 ? 'task' : 'the tasks'} ${names}${more}, which will not run`;
  const remedy = 'Add a node for each, or take the DAG out';
  return [{ severity: 'warning', file, line: first.line + 1, column: 1, message, remedy }];
}

function rosterOf(found: readonly MarkdownTask[]): Roster {
  const order = found.map(({ id }) => id);
  const places = new Map<string, number>();
  for (const [index, id] of order.entries()) if (!places.has(id)) places.set(id, index);
  return { order, places, left: MOST_IN_RANGES };
}

/** Their ids, with the line that names each. */
function dependenciesOf(reading: Reading, task: MarkdownTask, roster: Roster): ReadonlyMap<string, number> {
  const lineOf = new Map<string, number>();
  for (const { text, line } of task.dependsOn) {
    const { ids, prose } = taskRefs(text, roster);
    for (const id of ids) if (!lineOf.has(id)) lineOf.set(id, line);
    const [first] = prose;
    if (first === undefined) continue;
    const message = `task ${printable(task.id, 60)}: "${first}" among its dependencies names no task and is passed over`;
    warn(reading, line, message, 'Put remarks in parentheses');
  }
  return lineOf;
}

function filesOf(reading: Reading, task: MarkdownTask): RepoPath[] {
  const files = new Set<RepoPath>();
  for (const { text, line } of task.files) {
    const parsed = parseRepoPath(text);
    if (parsed.ok) files.add(parsed.value);
    else refuse(reading, line, `task ${printable(task.id, 60)}: files: ${printable(parsed.error)}`);
  }
  return [...files];
}

function askedTask(task: MarkdownTask, dependsOn: readonly string[], files: RepoPath[]): AskedTask {
  return {
    id: task.id as TaskId,
    title: task.title,
    type: task.type ?? typeOf(task.title, files),
    files,
    access: 'write',
    dependsOn: dependsOn.map(id => id as TaskId),
    priority: 2,
    env: {},
    done: isDone(task),
  };
}

/** For display, in the order in which they are named. */
function groupsOf(found: readonly MarkdownTask[]): Group[] {
  const groups = new Map<string, string[]>();
  for (const task of found) {
    for (const id of new Set(task.groups)) {
      const members = groups.get(id) ?? [];
      members.push(task.id);
      groups.set(id, members);
    }
  }
  return [...groups].map(([id, tasks]) => ({ id, tasks, conflictFree: true }));
}

function noTask(file: string): Diagnostic {
  return {
    severity: 'error',
    file,
    message:
      'neither a fenced yaml block with a top-level dag: key was found nor a task, such as "- [ ] Task 1.1: …", "- [ ] **1.1** …" or "### Task 1: …"',
    remedy: 'Put the DAG between ```yaml and ```, or write the tasks in one of these ways',
  };
}
