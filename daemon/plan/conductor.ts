import type { Diagnostic } from '../../bus-schema/diagnostic.js';
import type { TaskId } from '../../bus-schema/ids.js';
import type { AskedPlan, AskedTask, Group } from '../../bus-schema/plan.js';
import { printable } from '../../bus-schema/printable.js';
import { overlaps } from '../../bus-schema/repo-path.js';
import { fail, type Result } from '../../bus-schema/result.js';
import { tickedIds } from './boxes.js';
import { dagBlocks, unindented } from './fences.js';
import { Fields, type Reading } from './fields.js';
import { conclude, readEach, readId, readPaths, type PlanReading } from './reading.js';
import { Problems, toDiagnostics, wrong, type Path, type Problem } from './source.js';
import { readMarkdownPlan, unnamedTasks } from './markdown-plan.js';
import { didYouMean } from './suggest.js';
import { nameOf, trackOf } from './track-name.js';
import { validateTasks, type Draft } from './validate.js';
import { readYaml } from './yaml-source.js';

/** What holds for a conductor plan where neither flag nor config says otherwise. */
export const CONDUCTOR_DEFAULTS = {
  maxParallel: 5,
  timeoutMs: 1_800_000,
  retries: 2,
  heartbeatTimeoutMs: 600_000,
  onFailure: 'continue',
  schedule: 'dag',
} as const;

const NODES: Path = ['dag', 'nodes'];
const GROUPS: Path = ['dag', 'parallel_groups'];
/** Comparing the files of all pairs in very large groups is not worth a warning. */
const MOST_COMPARED = 200_000;
/** A suggestion compares with many ids; beyond so many the groups are not mistyped but another plan's. */
const MOST_SUGGESTIONS = 50;

/**
 * Reads a conductor plan: Markdown with a DAG in a fenced YAML block, and a checkbox for each task that is done. Without a
 * DAG, the tasks are those that the Markdown tells of.
 */
export function readConductor(text: string, file: string): Result<PlanReading, Diagnostic[]> {
  const lines = text.split('\n');
  const [block, second] = dagBlocks(lines);
  if (block === undefined) return readMarkdownPlan(lines, file);
  if (second !== undefined) {
    const message = `there are two DAG blocks, in lines ${block.from} and ${second.from}`;
    return fail([
      { severity: 'error', file, line: second.from, column: 1, message, remedy: 'Keep the one that counts' },
    ]);
  }
  const bare = unindented(lines, block);
  const source = readYaml(bare.text, file, { linesBefore: block.from, cut: bare.cut });
  if (!source.ok) return source;
  const reading: Reading = { source: source.value, problems: new Problems() };
  const root = Fields.at(reading, source.value.value, [], 'the DAG block');
  const dag = root && Fields.at(reading, root.get('dag'), ['dag'], 'dag');
  if (dag === undefined) return fail(toDiagnostics(source.value, reading.problems.all));
  const done = tickedIds(text);
  const read = readEach(reading, dag.list('nodes'), (node, index) => readNode(reading, node, index, done));
  const tasks = read.flatMap(({ task }) => (task === undefined ? [] : [task]));
  const listPath = dag.keys().includes('nodes') ? NODES : ['dag'];
  if (!reading.problems.areEnough) reading.problems.add(validateTasks(read, listPath));
  const groups = readGroups(reading, dag, tasks);
  const concluded = conclude(reading, (): AskedPlan => ({
    format: 'conductor',
    name: nameOf(lines, file),
    track: trackOf(file),
    groups,
    limits: {},
    tasks,
    settings: {},
  }));
  if (concluded.ok) concluded.value.warnings.push(...unnamedTasks(lines, file, tasks));
  return concluded;
}

/** Keys without a meaning here are passed over: authors add notes of their own. */
function readNode(
  reading: Reading,
  value: unknown,
  index: number,
  done: ReadonlySet<string>,
): Draft & { task?: AskedTask } {
  const path = [...NODES, index];
  const node = Fields.at(reading, value, path, `node number ${index + 1}`);
  if (node === undefined) return { path, id: undefined, dependsOn: [] };
  const id = readId(reading, node);
  if (id !== undefined) node.name = `task ${printable(id, 60)}`;
  const dependsOn = node.texts('depends_on');
  const task: AskedTask = {
    id: (id ?? '') as TaskId,
    title: node.looseText('name') ?? id ?? '',
    type: node.looseText('type'),
    files: readPaths(reading, node, 'files'),
    access: 'write',
    dependsOn: [
      ...new Set(dependsOn.flatMap(dependency => (dependency === undefined ? [] : [dependency as TaskId]))),
    ],
    priority: 2,
    estimateMs: estimateOf(node.get('estimated_duration')),
    env: {},
    done: id !== undefined && done.has(id),
  };
  return { path, id, dependsOn, task };
}

/** `30m`, `45 min`, `2h`, `1h 30m`; whatever else an author writes there (`completed`, `a day or two`) is no estimate. */
function estimateOf(value: unknown): number | undefined {
  if (typeof value !== 'string' || value.length > 40) return undefined;
  const unit = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
  const part = /(\d+(?:\.\d+)?)\s*(s|m|h|d)(?:ec|econd|in|inute|r|our|ay)?s?\s*/gi;
  if (value.trim().replace(part, '') !== '') return undefined;
  let total = 0;
  for (const [, amount, letter] of value.matchAll(part)) {
    total += Number(amount) * unit[(letter ?? '').toLowerCase() as keyof typeof unit];
  }
  return total > 0 ? Math.round(total) : undefined;
}

/** Groups are for display, so a wrong one is worth a warning only. */
function readGroups(reading: Reading, dag: Fields, tasks: readonly AskedTask[]): Group[] {
  const byId = new Map(tasks.map(task => [String(task.id), task]));
  const effort = { left: MOST_COMPARED };
  let suggestions = 0;
  return dag.list('parallel_groups').flatMap((value, index) => {
    const path = [...GROUPS, index];
    const group = Fields.at(reading, value, path, `parallel group number ${index + 1}`);
    if (group === undefined) return [];
    const id = group.looseText('id') ?? `pg-${index + 1}`;
    group.name = `parallel group ${printable(id, 60)}`;
    const members = group.texts('tasks');
    for (const [position, member] of members.entries()) {
      if (member === undefined || byId.has(member)) continue;
      const message = `${group.name} names task "${printable(member, 60)}", which is not in the plan`;
      const near = ++suggestions > MOST_SUGGESTIONS ? undefined : didYouMean(member, byId.keys());
      reading.problems.push(warning(group.pathTo('tasks', position), message, near));
    }
    const known = members.filter(member => member !== undefined);
    const claim = group.get('conflict_free');
    if (claim === true) {
      const distinct = [...new Set(known)].flatMap(member => byId.get(member) ?? []);
      reading.problems.add(conflicts(group, distinct, effort));
    }
    return [{ id, tasks: known, conflictFree: claim !== false }];
  });
}

/** Pairs of tasks that a group calls free of conflicts although both write one file. */
function conflicts(group: Fields, tasks: readonly AskedTask[], effort: { left: number }): Problem[] {
  const problems: Problem[] = [];
  const writers = tasks.filter(task => task.files.length > 0);
  for (const [index, one] of writers.entries()) {
    for (let next = index + 1; next < writers.length; next++) {
      const other = writers[next];
      const file = other === undefined ? undefined : sharedFile(one, other, effort);
      if (effort.left <= 0) return problems;
      if (other === undefined || file === undefined) continue;
      const message = `${group.name} is marked conflict_free, but tasks ${one.id} and ${other.id} both write ${printable(file, 100)}`;
      problems.push(warning(group.pathTo('conflict_free'), message, 'They will run one after the other'));
    }
  }
  return problems;
}

/** Undefined as well when the effort is spent. */
function sharedFile(one: AskedTask, other: AskedTask, effort: { left: number }): string | undefined {
  for (const path of one.files) {
    for (const otherPath of other.files) {
      // Globs are compared letter by letter.
      const letters = /[*?[{]/.test(path + otherPath) ? path.length * otherPath.length : 0;
      effort.left -= 1 + letters / 100;
      if (effort.left <= 0) return undefined;
      if (overlaps(path, otherPath)) return path;
    }
  }
  return undefined;
}

function warning(path: Path, message: string, remedy?: string): Problem {
  return { ...wrong(path, message, remedy), severity: 'warning' };
}
