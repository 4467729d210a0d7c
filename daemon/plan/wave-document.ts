import type { Diagnostic } from '../../bus-schema/diagnostic.js';
import { printable } from '../../bus-schema/printable.js';
import { parseRepoPath, type RepoPath } from '../../bus-schema/repo-path.js';
import { fail, type Result } from '../../bus-schema/result.js';
import { Fields, type Reading } from './fields.js';
import { LONGEST_PATH, readEach, type PlanReading } from './reading.js';
import { Problems, toDiagnostics, wrong, type Path, type Source } from './source.js';
import { concludeWave, warning, type Named, type WaveTask } from './wave-task.js';

const ROOT_KEYS = ['wave', 'tasks', 'maxParallel'] as const;
/** In `context`, or beside it. */
const CONTEXT_KEYS = [
  'taskId',
  'description',
  'instructions',
  'targetFiles',
  'dependencyOutputs',
  'constraints',
  'dependencies',
  'type',
] as const;
const TASK_KEYS = [
  ...['taskId', 'id', 'context', 'model', 'needsCodexReview', 'prompt', 'subagent_type', 'run_in_background'],
  ...CONTEXT_KEYS.slice(1),
] as const;

const PARALLEL = { least: 1, most: 1000 };
const WAVES = { least: 0, most: 1_000_000 };
const LONGEST_DESCRIPTION = 100;
const MOST_FILES = 10;
const LONGEST_INSTRUCTIONS = 2000;
const CUT = '[TRUNCATED]';
const MEANT_AS_DEPENDENCIES = /^(deps|depends?([_-]?on)?|depend[ea]nc(y|ies))$/i;

/**
 * Reads a wave from a parsed document: what a dispatcher is given (`taskId`, `context`), or a plan file's tasks (`id`,
 * `description`, `instructions`). A task may mix the two; keys that have no meaning are worth a warning.
 */
export function readWaveDocument(
  source: Source,
  nameOf: (wave: number | undefined) => string,
): Result<PlanReading, Diagnostic[]> {
  const reading: Reading = { source, problems: new Problems() };
  const root = Fields.at(reading, source.value, [], 'the wave');
  if (root === undefined) return fail(toDiagnostics(source, reading.problems.all));
  root.only(ROOT_KEYS, 'warning');
  const wave = root.whole('wave', WAVES);
  const maxParallel = root.whole('maxParallel', PARALLEL);
  const read = readEach(reading, root.list('tasks'), (task, index) => readTask(reading, task, index));
  const ids = new Set(read.map(({ id }) => id));
  const listPath = root.keys().includes('tasks') ? ['tasks'] : [];
  return concludeWave(
    reading,
    read.map(task => withoutEarlier(task, ids)),
    { name: nameOf(wave), wave, maxParallel, listPath },
  );
}

interface Read extends WaveTask {
  /** Tasks whose output is given: they are complete, in this wave or in one before. */
  readonly known: ReadonlySet<unknown>;
}

/** What a task of an earlier wave has left is there already: it need not be waited for. */
function withoutEarlier(task: Read, ids: ReadonlySet<string | undefined>): WaveTask {
  if (task.known.size === 0) return task;
  const dependencies = task.dependencies.filter(({ id }) => ids.has(id) || !task.known.has(id));
  return { ...task, dependencies };
}

function readTask(reading: Reading, value: unknown, index: number): Read {
  const path = ['tasks', index];
  const fields = Fields.at(reading, value, path, `task number ${index + 1}`);
  if (fields === undefined) return nothingAt(path);
  const { id, key } = readTaskId(reading, fields);
  if (id !== undefined) fields.name = `task ${printable(id, 60)}`;
  fields.only(TASK_KEYS, 'warning');
  const context = fields.mapping('context', `${fields.name}: context`);
  if (context !== undefined) context.name = fields.name;
  const holders = context === undefined ? [fields] : [fields, context];
  for (const holder of holders) refuseOrder(holder);
  const outputs = given(holders, 'dependencyOutputs')?.get('dependencyOutputs');
  const more = Object.fromEntries(
    (context?.keys() ?? []).filter(name => !isKnown(name)).map(name => [name, context?.get(name) ?? null]),
  );
  const instructions = [readInstructions(reading, holders), textAt(fields, 'prompt')];
  const task: Read = {
    path,
    id,
    idPath: fields.pathTo(key),
    type: given(holders, 'type')?.text('type')?.trim().toLowerCase(),
    dependencies: holders.flatMap(holder => readDependencies(reading, holder)),
    files: new Map(holders.flatMap(holder => readFiles(reading, holder))),
    model: readModel(fields),
    review: fields.truth('needsCodexReview') === true,
    context: {
      description: readDescription(reading, holders),
      role: textAt(fields, 'subagent_type'),
      instructions: instructions.flatMap(text => text ?? []),
      outputs,
      constraints: given(holders, 'constraints')?.get('constraints'),
      more,
    },
    known: idsIn(outputs),
  };
  warnIfNothingAsked(reading, fields, task);
  return task;
}

const isKnown = (key: string): boolean => (CONTEXT_KEYS as readonly string[]).includes(key);

function nothingAt(path: Path): Read {
  const context = { description: undefined, role: undefined, instructions: [], outputs: undefined };
  return {
    ...{ path, id: undefined, idPath: path, dependencies: [], files: new Map(), model: undefined },
    ...{ review: false, context: { ...context, constraints: undefined, more: {} }, known: NONE },
  };
}

/** Plan files number their tasks, so `id: 1` is 1; a `taskId` is text. */
function readTaskId({ source }: Reading, fields: Fields): { id: string | undefined; key: 'taskId' | 'id' } {
  const key = fields.get('taskId') === undefined && fields.get('id') !== undefined ? 'id' : 'taskId';
  const value = fields.get(key);
  if (value === undefined) fields.refuse(key, 'it has no taskId', 'Give it one, such as "taskId": "task-1"');
  const id = key === 'id' ? fields.looseText(key) : fields.text(key);
  // Refused, but known by its spelling, so that nothing else is said of it.
  return { id: typeof value === 'number' ? source.writtenAt(fields.pathTo(key)) : id, key };
}

/** The mapping that has a key; the task's own counts before its context's. */
function given(holders: readonly Fields[], key: string): Fields | undefined {
  return holders.find(holder => holder.get(key) !== undefined);
}

/** What would be passed over elsewhere would here start tasks in the wrong order. */
function refuseOrder(holder: Fields): void {
  for (const key of holder.keys()) {
    if (key === 'dependencies' || !MEANT_AS_DEPENDENCIES.test(key)) continue;
    const message = `${key} is not what this format calls dependencies`;
    holder.refuse(key, message, 'Write dependencies, or the order is lost');
  }
}

function readDependencies(reading: Reading, holder: Fields): Named[] {
  const { source, problems } = reading;
  return readEach(reading, holder.list('dependencies'), (value, index): Named => {
    const path = holder.pathTo('dependencies', index);
    if (typeof value === 'string') return { id: value, path };
    if (typeof value === 'number') return { id: source.writtenAt(path), path };
    problems.push(wrong(path, `${holder.name}: an entry of dependencies must be the id of a task`));
    return { id: undefined, path };
  });
}

function readFiles({ problems }: Reading, holder: Fields): [RepoPath, Path][] {
  const texts = holder.texts('targetFiles');
  if (texts.length > MOST_FILES) {
    const message = `${holder.name}: targetFiles has ${texts.length} entries, more than ${MOST_FILES}`;
    problems.push(warning(holder.pathTo('targetFiles'), message, 'Smaller tasks can run side by side'));
  }
  return texts.flatMap((text, index): [RepoPath, Path][] => {
    if (text === undefined) return [];
    const path = holder.pathTo('targetFiles', index);
    const parsed = parseRepoPath(text.slice(0, LONGEST_PATH));
    if (parsed.ok) return [[parsed.value, path]];
    problems.push(wrong(path, `${holder.name}: targetFiles: ${printable(parsed.error)}`));
    return [];
  });
}

function readModel(fields: Fields): string | undefined {
  const model = fields.text('model')?.trim();
  // It becomes an argument of its own, and must not be taken for an option.
  if (model?.startsWith('-') === true)
    fields.refuse('model', `model "${printable(model, 60)}" begins with a dash, as no model's name does`);
  return model === '' || model === 'inherit' ? undefined : model;
}

function readDescription({ problems }: Reading, holders: readonly Fields[]): string | undefined {
  const holder = given(holders, 'description');
  const text = holder === undefined ? undefined : textAt(holder, 'description');
  if (holder !== undefined && text !== undefined && text.length > LONGEST_DESCRIPTION) {
    const message = `${holder.name}: its description is longer than ${LONGEST_DESCRIPTION} characters`;
    problems.push(warning(holder.pathTo('description'), message, 'Say more in instructions'));
  }
  return text;
}

function readInstructions({ problems }: Reading, holders: readonly Fields[]): string | undefined {
  const holder = given(holders, 'instructions');
  const text = holder === undefined ? undefined : textAt(holder, 'instructions');
  if (holder === undefined || text === undefined || text.length <= LONGEST_INSTRUCTIONS) return text;
  const message = `${holder.name}: its instructions are longer than ${LONGEST_INSTRUCTIONS} characters, and are cut there`;
  problems.push(warning(holder.pathTo('instructions'), message, 'Say it in fewer words, or in a file'));
  return `${text.slice(0, LONGEST_INSTRUCTIONS)} ${CUT}`;
}

/** Text, texts one below the other, or whatever else stands there as JSON; nothing where there are only blanks. */
function textAt(holder: Fields, key: string): string | undefined {
  const value = holder.get(key);
  if (value === undefined) return undefined;
  const parts = Array.isArray(value) ? (value as readonly unknown[]) : [value];
  const text = parts
    .map(part => (typeof part === 'string' ? part : JSON.stringify(part, null, 2)))
    .join('\n');
  return text.trim() === '' ? undefined : text;
}

const NONE: ReadonlySet<unknown> = new Set();

function idsIn(outputs: unknown): ReadonlySet<unknown> {
  if (outputs === undefined) return NONE;
  const list: readonly unknown[] = Array.isArray(outputs) ? (outputs as readonly unknown[]) : [outputs];
  return new Set(
    list.flatMap(output =>
      typeof output === 'object' && output !== null && 'taskId' in output ? [output.taskId] : [],
    ),
  );
}

function warnIfNothingAsked({ problems }: Reading, fields: Fields, { context }: Read): void {
  const { description, instructions, more } = context;
  if (description !== undefined || instructions.length > 0 || Object.keys(more).length > 0) return;
  const message = `${fields.name}: nothing says what is to be done`;
  problems.push(warning(fields.pathTo('context'), message, 'Give it a description or instructions'));
}
