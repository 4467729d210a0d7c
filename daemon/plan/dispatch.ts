import type { TaskId } from '../../bus-schema/ids.js';
import type { Diagnostic } from '../../bus-schema/diagnostic.js';
import type { AskedPlan, AskedSettings, AskedTask, AskedWork } from '../../bus-schema/plan.js';
import { printable } from '../../bus-schema/printable.js';
import { fail, type Result } from '../../bus-schema/result.js';
import { Fields, type Reading } from './fields.js';
import { leavesRepo } from './output-path.js';
import { baseName, conclude, readEach, readId, type PlanReading } from './reading.js';
import { Problems, toDiagnostics, wrong, type Problem, type Source } from './source.js';
import { validateTasks, type Draft } from './validate.js';

/** What holds for a dispatch file where neither flag nor settings nor config says otherwise. */
export const DISPATCH_DEFAULTS = {
  maxParallel: 4,
  timeoutMs: 120_000,
  retries: 0,
  heartbeatTimeoutMs: 600_000,
  onFailure: 'continue',
  schedule: 'dag',
  outputDir: '.aiwg/working/',
} as const;

const ROOT_KEYS = ['name', 'description', 'tasks', 'settings'] as const;
const SETTING_KEYS = ['max_parallel', 'timeout_per_task', 'output_dir', 'on_failure'] as const;
const TASK_KEYS = ['id', 'agent', 'prompt', 'output', 'dependencies'] as const;
const PARALLEL = { least: 1, most: 1000 };

/**
 * Reads a file of agents to dispatch from a parsed document. The format is not ours, so keys that have no meaning here
 * are worth a warning only; everything else is as strict as our own format.
 */
export function readDispatch(source: Source): Result<PlanReading, Diagnostic[]> {
  const reading: Reading = { source, problems: new Problems() };
  const root = Fields.at(reading, source.value, [], 'the task file');
  if (root === undefined) return fail(toDiagnostics(source, reading.problems.all));
  root.only(ROOT_KEYS, 'warning');
  const name = root.text('name') ?? '';
  root.text('description');
  const settings = readSettings(root);
  const read = readEach(reading, root.list('tasks'), (task, index) => readTask(reading, task, index));
  const listPath = root.keys().includes('tasks') ? ['tasks'] : [];
  if (!reading.problems.areEnough) reading.problems.add(validateTasks(read, listPath, 'dependencies'));
  reading.problems.add(sharedOutputs(read));
  return conclude(reading, (): AskedPlan => ({
    format: 'dispatch',
    name: name === '' ? baseName(source.file) : name,
    groups: [],
    limits: {},
    tasks: read.flatMap(({ task }) => (task === undefined ? [] : [task])),
    settings,
  }));
}

function readSettings(root: Fields): AskedSettings {
  const settings = root.mapping('settings', 'settings');
  if (settings === undefined) return {};
  settings.only(SETTING_KEYS, 'warning');
  return {
    maxParallel: settings.whole('max_parallel', PARALLEL),
    timeoutMs: settings.duration('timeout_per_task', 'ms'),
    onFailure: settings.choice('on_failure', ['continue', 'stop', 'retry']),
    outputDir: readOutput(settings, 'output_dir'),
  };
}

interface Read extends Draft {
  readonly task?: AskedTask;
}

function readTask(reading: Reading, value: unknown, index: number): Read {
  const path = ['tasks', index];
  const fields = Fields.at(reading, value, path, `task number ${index + 1}`);
  if (fields === undefined) return { path, id: undefined, dependsOn: [] };
  const id = readId(reading, fields);
  if (id !== undefined) fields.name = `task ${printable(id, 60)}`;
  fields.only(TASK_KEYS, 'warning');
  for (const key of fields.keys().filter(isMeantAsDependencies))
    fields.refuse(
      key,
      `${key} is not what this format calls dependencies`,
      'Write dependencies, or the order is lost',
    );
  const dependsOn = fields.texts('dependencies');
  const known = dependsOn.filter(dependency => dependency !== undefined);
  const task: AskedTask = {
    id: (id ?? '') as TaskId,
    title: id ?? '',
    files: [],
    access: 'write',
    dependsOn: [...new Set(known)] as TaskId[],
    priority: 2,
    output: readOutput(fields, 'output'),
    env: {},
    done: false,
    work: readWork(fields),
  };
  return { path, id, dependsOn, task };
}

/** What would be passed over with a warning elsewhere would here start tasks in the wrong order. */
function isMeantAsDependencies(key: string): boolean {
  return /^dep/i.test(key) && key !== 'dependencies';
}

function readWork(task: Fields): AskedWork | undefined {
  const agent = task.text('agent');
  const prompt = task.text('prompt');
  for (const key of ['agent', 'prompt'] as const) {
    if (task.get(key) === undefined)
      task.refuse(
        key,
        `it has no ${key}`,
        key === 'agent' ? 'Name the agent' : 'Say what the agent is to do',
      );
  }
  if (agent?.trim() === '') task.refuse('agent', 'agent is empty', 'Name the agent');
  if (prompt?.trim() === '') task.refuse('prompt', 'prompt is empty', 'Say what the agent is to do');
  // It becomes an argument of its own, and must not be taken for an option.
  if (agent?.startsWith('-') === true)
    task.refuse('agent', `agent "${printable(agent, 60)}" begins with a dash, as no agent's name does`);
  return agent === undefined || prompt === undefined ? undefined : { kind: 'agent', agent, prompt };
}

/** Only who calls may send output elsewhere, never the file. */
function readOutput(fields: Fields, key: 'output' | 'output_dir'): string | undefined {
  const output = fields.text(key);
  if (output === undefined) return undefined;
  if (output.trim() === '') fields.refuse(key, `${key} is empty`, 'Name a path in the repo, or leave it out');
  else if (output.startsWith('~') || leavesRepo(output))
    fields.refuse(
      key,
      `${key} "${printable(output, 60)}" is not inside the repo`,
      'Write it relative to the repo; --output with an absolute path puts all output elsewhere',
    );
  return output;
}

/** The first of them to end would have the file, and the other's output would be in its log only. */
function sharedOutputs(read: readonly Read[]): Problem[] {
  const first = new Map<string, string>();
  return read.flatMap(({ path, id, task }) => {
    if (task?.output === undefined || task.output.endsWith('/')) return [];
    const other = first.get(task.output);
    first.set(task.output, other ?? String(id));
    if (other === undefined) return [];
    const message = `tasks ${printable(other, 60)} and ${printable(String(id), 60)} have the same output ${printable(task.output, 60)}`;
    return [
      { ...wrong([...path, 'output'], message, 'Give each an output of its own'), severity: 'warning' },
    ];
  });
}
