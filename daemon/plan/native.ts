import type { Diagnostic } from '../../bus-schema/diagnostic.js';
import type { TaskId } from '../../bus-schema/ids.js';
import type { AskedPlan, AskedSettings, AskedTask, AskedWork, Priority } from '../../bus-schema/plan.js';
import { printable } from '../../bus-schema/printable.js';
import { fail, type Result } from '../../bus-schema/result.js';
import { describe, Fields, type Reading } from './fields.js';
import { baseName, conclude, readEach, readId, readPaths, type PlanReading } from './reading.js';
import { Problems, toDiagnostics, wrong, type Problem, type Source } from './source.js';
import { validateTasks, type Draft } from './validate.js';
import { tooLate } from './wave-order.js';

/** What holds for a plan of our own format where neither flag nor plan nor config says otherwise. */
export const NATIVE_DEFAULTS = {
  maxParallel: 5,
  timeoutMs: 1_800_000,
  retries: 2,
  heartbeatTimeoutMs: 600_000,
  onFailure: 'continue',
  schedule: 'dag',
} as const;

const ROOT_KEYS = ['signalbox', 'name', 'settings', 'limits', 'tasks'] as const;
const SETTING_KEYS = [
  'max_parallel',
  'timeout',
  'heartbeat_timeout',
  'on_failure',
  'retries',
  'schedule',
  'on_conflict',
  'output_dir',
] as const;
const TASK_KEYS = [
  ...[
    'id',
    'title',
    'command',
    'agent',
    'prompt',
    'model',
    'type',
    'files',
    'access',
    'depends_on',
    'priority',
  ],
  ...['wave', 'estimate', 'timeout', 'retries', 'output', 'accept', 'env', 'review', 'answers'],
] as const;
const PRIORITIES = ['P0', 'P1', 'P2', 'P3'] as const;
const NORMAL: Priority = 2;

const PARALLEL = { least: 1, most: 1000 };
const WAVES = { least: 1, most: 100_000 };
const RETRIES = { least: 0, most: 100 };

/** Reads a plan of our own format from a parsed document. Strict: what it does not know, it refuses. */
export function readNative(source: Source): Result<PlanReading, Diagnostic[]> {
  const reading: Reading = { source, problems: new Problems() };
  const root = Fields.at(reading, source.value, [], 'the plan');
  if (root === undefined) return fail(toDiagnostics(source, reading.problems.all));
  root.only(ROOT_KEYS);
  const version = root.get('signalbox');
  if (version !== 1) {
    root.refuse(
      'signalbox',
      `signalbox must be 1, the version of the format, not ${describe(version)}`,
      'Write signalbox: 1',
    );
  }
  const name = root.text('name') ?? '';
  const settings = readSettings(root);
  const limits = readLimits(root);
  const read = readEach(reading, root.list('tasks'), (task, index) => readTask(reading, task, index));
  if (!reading.problems.areEnough) reading.problems.add(validateTasks(read, ['tasks']));
  if (!reading.problems.hasErrors) reading.problems.add(waveProblems(read));
  return conclude(reading, (): AskedPlan => ({
    format: 'native',
    name: name === '' ? baseName(source.file) : name,
    groups: [],
    limits,
    tasks: read.flatMap(({ task }) => (task === undefined ? [] : [task])),
    settings,
  }));
}

/** With waves, a task that depends on one of a later wave would never start; the next run may ask for them. */
function waveProblems(read: readonly (Draft & { task?: AskedTask })[]): Problem[] {
  if (read.every(({ task }) => task?.wave === undefined)) return [];
  const tasks = read.flatMap(({ task, path }) => (task === undefined ? [] : [{ ...task, path }]));
  return tooLate(tasks).map(({ task, wave, dependency, dependencyWave }) => {
    const named = ({ id, wave: given }: AskedTask, is: number): string =>
      `task ${id} (wave ${is + 1}${given === undefined ? ', for its place in the graph' : ''})`;
    const message = `${named(task, wave)} depends on ${named(dependency, dependencyWave)}`;
    return wrong([...task.path, 'wave'], message, 'Give what it depends on an earlier wave, or the same');
  });
}

function readSettings(root: Fields): AskedSettings {
  const settings = root.mapping('settings', 'settings');
  if (settings === undefined) return {};
  settings.only(SETTING_KEYS);
  return {
    maxParallel: settings.whole('max_parallel', PARALLEL),
    timeoutMs: settings.duration('timeout'),
    heartbeatTimeoutMs: settings.duration('heartbeat_timeout'),
    onFailure: settings.choice('on_failure', ['continue', 'stop', 'retry']),
    retries: settings.whole('retries', RETRIES),
    schedule: settings.choice('schedule', ['dag', 'waves']),
    onConflict: settings.choice('on_conflict', ['wait', 'abort']),
    outputDir: settings.text('output_dir'),
  };
}

function readLimits(root: Fields): Record<string, number> {
  const limits = root.mapping('limits', 'limits');
  const read = (limits?.keys() ?? []).map((type): [string, number] => [
    type,
    limits?.whole(type, PARALLEL) ?? 1,
  ]);
  return Object.fromEntries(read);
}

function readTask(reading: Reading, value: unknown, index: number): Draft & { task?: AskedTask } {
  const path = ['tasks', index];
  const fields = Fields.at(reading, value, path, `task number ${index + 1}`);
  if (fields === undefined) return { path, id: undefined, dependsOn: [] };
  const id = readId(reading, fields);
  if (id !== undefined) fields.name = `task ${printable(id, 60)}`;
  fields.only(TASK_KEYS);
  const dependsOn = fields.texts('depends_on');
  const priority = fields.choice('priority', PRIORITIES);
  const task: AskedTask = {
    id: (id ?? '') as TaskId,
    title: fields.text('title') ?? id ?? '',
    type: fields.text('type'),
    files: readPaths(reading, fields, 'files'),
    access: fields.choice('access', ['write', 'read']) ?? 'write',
    dependsOn: [
      ...new Set(dependsOn.flatMap(dependency => (dependency === undefined ? [] : [dependency as TaskId]))),
    ],
    priority: priority === undefined ? NORMAL : (PRIORITIES.indexOf(priority) as Priority),
    ...waveOf(fields.whole('wave', WAVES)),
    estimateMs: fields.duration('estimate'),
    output: fields.text('output'),
    accept: fields.text('accept'),
    env: readEnv(reading, fields),
    done: false,
    work: readWork(fields),
    timeoutMs: fields.duration('timeout'),
    retries: fields.whole('retries', RETRIES),
    ...(fields.truth('review') === true ? { review: true } : {}),
    ...(fields.truth('answers') === true ? { answers: true } : {}),
  };
  return { path, id, dependsOn, task };
}

/** Waves count from 1 where people write them. */
const waveOf = (wave: number | undefined): Pick<AskedTask, 'wave'> =>
  wave === undefined ? {} : { wave: wave - 1 };

/** A shell command, or an agent with a prompt; neither leaves it to flags or config. */
function readWork(task: Fields): AskedWork | undefined {
  const command = task.text('command');
  const agent = task.text('agent');
  const prompt = task.text('prompt');
  const model = task.text('model');
  const given = (key: string): boolean => task.get(key) !== undefined;
  for (const key of ['command', 'agent']) {
    if (task.get(key) === '') task.refuse(key, `${key} is empty`);
  }
  if (given('command')) {
    const other = ['agent', 'prompt', 'model'].find(given);
    if (other === undefined) return command === undefined ? undefined : { kind: 'command', command };
    task.refuse(other, `it has both command and ${other}`, 'Keep the command, or the agent and its prompt');
    return undefined;
  }
  if (!given('prompt')) {
    const other = ['agent', 'model'].find(given);
    if (other !== undefined) task.refuse(other, `it has ${other} but no prompt`, 'Add the prompt');
    return undefined;
  }
  return prompt === undefined ? undefined : { kind: 'agent', agent, prompt, model };
}

function readEnv({ problems }: Reading, task: Fields): Record<string, string> {
  const env = task.mapping('env', `${task.name}: env`);
  const read: Record<string, string> = {};
  for (const name of env?.keys() ?? []) {
    if (problems.areEnough) break;
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || name === '__proto__') {
      env?.refuse(name, `"${printable(name, 60)}" is no name of an environment variable`);
    } else if (env !== undefined) read[name] = env.text(name) ?? '';
  }
  return read;
}
