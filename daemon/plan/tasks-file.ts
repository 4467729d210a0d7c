import type { Diagnostic } from '../../bus-schema/diagnostic.js';
import type { TaskId } from '../../bus-schema/ids.js';
import type { AskedPlan, AskedTask } from '../../bus-schema/plan.js';
import { printable } from '../../bus-schema/printable.js';
import { parseRepoPath, type RepoPath } from '../../bus-schema/repo-path.js';
import { fail, type Result } from '../../bus-schema/result.js';
import { creationOrder } from './created-files.js';
import type { Reading } from './fields.js';
import { refuse, sourceOf, warn, type LineOf } from './markdown-source.js';
import { conclude, type PlanReading } from './reading.js';
import { Problems, wrong } from './source.js';
import { didYouMean } from './suggest.js';
import { taskGroups } from './task-groups.js';
import { dependenciesOf, type Edges } from './tasks-file-edges.js';
import { kindOf, TASK_TYPES } from './tasks-file-fields.js';
import { taskPrompt } from './tasks-file-prompt.js';
import { rosterOf } from './tasks-file-refs.js';
import { scanTasksFile, type FoundTask } from './tasks-file-scan.js';
import { nameOf } from './track-name.js';
import { placeInWaves } from './urgency.js';
import { validateTasks, type Draft } from './validate.js';

/** What holds for a tasks file where neither flag nor config says otherwise. */
export const ORCHESTRATE_DEFAULTS = {
  maxParallel: 5,
  timeoutMs: 30_000,
  retries: 2,
  heartbeatTimeoutMs: 600_000,
  onFailure: 'continue',
  schedule: 'waves',
} as const;

/** However many are asked for: the system that the format comes from has no more. */
export const MOST_WORKERS = 5;

/** What its tasks' dependencies are called. */
const KEY = 'Depends';

/** A task with what its lines come to. */
interface Read {
  readonly found: FoundTask;
  readonly creates: ReadonlySet<RepoPath>;
  readonly task: AskedTask;
}

/**
 * Reads a tasks file: `### T001: Name` below headings of priority, or boxes below `## Group: Name`. Beside what it says of
 * dependencies, a task that makes a file goes before those that use it, and a more urgent one before the less urgent.
 */
export function readTasksFile(text: string, file: string): Result<PlanReading, Diagnostic[]> {
  const lines = text.split('\n');
  const scan = scanTasksFile(lines);
  if (scan.tasks.length === 0) return fail([noTask(file)]);
  let edges: Edges = [];
  const lineOf: LineOf = (task, dependency) =>
    [...(edges[task]?.values() ?? [])][dependency ?? -1] ?? scan.tasks[task]?.line;
  const reading: Reading = { source: sourceOf(lines, file, lineOf), problems: new Problems() };
  const roster = rosterOf(scan.tasks.map(({ id }) => id));
  edges = dependenciesOf(reading, lines, scan, roster);
  const name = nameOf(lines, file).replace(/^Tasks:\s*(?=\S)/, '');
  const read = scan.tasks.map((found, index) => readTask(reading, found, [...(edges[index]?.keys() ?? [])]));
  if (roster.left < 0)
    reading.problems.push(
      wrong([], 'its ranges, groups and drawings name far more dependencies than are read'),
    );
  else reading.problems.add(validateTasks(read.map(draftOf), [], KEY));
  const sound = !reading.problems.hasErrors;
  const prompted = sound ? waitingForMakers(reading, read).map(each => withPrompt(each, lines, name)) : [];
  const tasks = inWaves(reading, prompted);
  return conclude(reading, (): AskedPlan => ({
    ...{ format: 'orchestrate', name, groups: taskGroups(tasks), limits: {}, tasks, settings: {} },
  }));
}

const draftOf = ({ task }: Read, index: number): Draft => ({
  path: ['tasks', index],
  id: task.id,
  dependsOn: task.dependsOn,
});

function readTask(reading: Reading, found: FoundTask, dependsOn: readonly string[]): Read {
  const said = found.type ?? found.group?.type;
  const kind = kindOf(said?.text ?? '');
  if (kind.unknown !== undefined && said !== undefined)
    warn(
      reading,
      said.line,
      `task ${found.id}: type "${printable(kind.unknown, 40)}" is not known here, and says nothing of its files`,
      didYouMean(kind.unknown, TASK_TYPES) ?? `Known are ${TASK_TYPES.join(', ')}`,
    );
  const files = new Set<RepoPath>();
  const creates = new Set<RepoPath>();
  const named = found.files.length > 0 ? found.files : (found.group?.files ?? []);
  for (const { path: text, creates: makes, line } of named) {
    const parsed = parseRepoPath(text);
    if (!parsed.ok) {
      refuse(reading, line, `task ${found.id}: files: ${printable(parsed.error)}`);
      continue;
    }
    files.add(parsed.value);
    if (makes ?? kind.creates) creates.add(parsed.value);
  }
  return {
    found,
    creates,
    task: {
      id: found.id as TaskId,
      title: found.title,
      type: kind.type,
      files: [...files],
      access: kind.readsOnly ? 'read' : 'write',
      dependsOn: dependsOn.map(id => id as TaskId),
      priority: found.priority ?? 2,
      env: {},
      done: found.marked || (found.ticks.length > 0 && found.ticks.every(tick => tick)),
    },
  };
}

function withPrompt({ task, ...rest }: Read, lines: readonly string[], name: string): Read {
  const { files, access } = task;
  const prompt = taskPrompt(lines, name, { found: rest.found, files, readsOnly: access === 'read' });
  return { ...rest, task: { ...task, work: { kind: 'agent', prompt } } };
}

/** The tasks, with the dependencies that nobody wrote down: on those that make their files. */
function waitingForMakers(reading: Reading, read: readonly Read[]): Read[] {
  const order = creationOrder(read.map(({ task, creates }) => ({ ...task, creates })));
  const idAt = (index: number): TaskId | string => read[index]?.task.id ?? '?';
  const warnAt = (index: number, message: string, remedy: string): void =>
    warn(reading, read[index]?.found.line ?? 0, message, remedy);
  for (const { maker, user, path } of order.twice)
    warnAt(
      user,
      `tasks ${idAt(maker)} and ${idAt(user)} both create ${printable(path, 100)}`,
      'Let one of them modify it, and depend on the other',
    );
  for (const { maker, user, path } of order.contradicted)
    warnAt(
      user,
      `task ${idAt(user)} uses ${printable(path, 100)}, which task ${idAt(maker)} creates, but goes before it`,
      'Turn the dependency round if that is not meant',
    );
  if (order.unfinished)
    warnAt(
      0,
      'too many tasks use files that others create for their order to be found',
      'Say with Depends what waits for what',
    );
  const added = new Map<number, TaskId[]>();
  for (const { maker, user } of order.added) {
    const before = read[maker]?.task.id;
    if (before !== undefined) added.set(user, [...(added.get(user) ?? []), before]);
  }
  return read.map((each, index) => ({
    ...each,
    task: { ...each.task, dependsOn: [...each.task.dependsOn, ...(added.get(index) ?? [])] },
  }));
}

function inWaves(reading: Reading, read: readonly Read[]): AskedTask[] {
  const { tasks, raised } = placeInWaves(read.map(({ task, found }) => ({ task, section: found.wave })));
  const lines = new Map(read.map(({ task, found }) => [task.id, found.line]));
  for (const { task, by, what } of raised) {
    if (task.done && by.done) continue;
    const [was, is] = what === 'wave' ? ['of a later wave', 'as early'] : [`P${task.priority}`, 'as urgent'];
    const message = `task ${task.id} (${was}) is needed by task ${by.id}${what === 'wave' ? '' : ` (P${by.priority})`}, and is run ${is} as it`;
    const line = lines.get(task.id) ?? 0;
    warn(reading, line, message, 'Put it where it is needed, or take the dependency out');
  }
  return tasks;
}

function noTask(file: string): Diagnostic {
  return {
    severity: 'error',
    file,
    message: 'no task was found: neither a heading such as "### T001: Name" nor a box below "## Group: Name"',
    remedy: 'Write each task as a heading with its id; boxes below it are its steps',
  };
}
