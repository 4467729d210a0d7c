import type { Config } from '../../bus-schema/config.js';
import type { Plan, PlanFormat, Task, Work } from '../../bus-schema/plan.js';
import { printable } from '../../bus-schema/printable.js';
import { templateOf } from '../plan/agent-templates.js';
import { answerRequest } from '../plan/stage-prompts.js';
import { jsonText } from './terminal.js';

/** What our reader takes for granted in a plan that does not say otherwise. */
const NORMAL_PRIORITY = 2;
const LONGEST_KEY = 1000;

/**
 * A plan in our own format. Read back, with the same config, it is the same plan, but for what the format has no word for:
 * a track, groups, a session folder, what is vital, the number that a wave gives itself, and tasks that were done before,
 * which are left out.
 */
export function planYaml(plan: Plan, config: Config): string {
  const open = plan.tasks.filter(task => !task.done);
  const usual = { timeoutMs: mostOften(open, 'timeoutMs'), retries: mostOften(open, 'retries') };
  const gone = new Set<string>(plan.tasks.filter(task => task.done).map(task => task.id));
  const { settings } = plan;
  const lines = [
    `# The plan ${printable(plan.name, 100)}, from ${plan.source === undefined ? 'standard input' : printable(plan.source, 300)}.`,
    ...(gone.size === 0
      ? []
      : [`# Left out, since they are done: ${printable([...gone].join(', '), 1000)}.`]),
    'signalbox: 1',
    `name: ${quoted(plan.name)}`,
    'settings:',
    `  max_parallel: ${settings.maxParallel}`,
    ...durationLine('  timeout', usual.timeoutMs),
    ...durationLine('  heartbeat_timeout', settings.heartbeatTimeoutMs),
    `  on_failure: ${settings.onFailure}`,
    ...(usual.retries === undefined ? [] : [`  retries: ${usual.retries}`]),
    `  schedule: ${settings.schedule}`,
    ...(settings.onConflict === undefined ? [] : [`  on_conflict: ${settings.onConflict}`]),
    ...limitLines(plan),
    open.length === 0 ? 'tasks: []' : 'tasks:',
    ...open.flatMap(task => taskLines(task, { usual, gone, config, format: plan.format })),
  ];
  return `${lines.join('\n')}\n`;
}

interface Context {
  readonly usual: { readonly timeoutMs: number | undefined; readonly retries: number | undefined };
  readonly gone: ReadonlySet<string>;
  readonly config: Config;
  readonly format: PlanFormat;
}

function taskLines(task: Task, { usual, gone, config, format }: Context): string[] {
  const dependsOn = task.dependsOn.filter(id => !gone.has(id));
  const env = Object.entries(task.env);
  const lines = [
    `id: ${quoted(task.id)}`,
    `title: ${text(task.title)}`,
    ...(format === 'dispatch' ? roleLines(task.work) : workLines(task, config)),
    ...(task.review === undefined ? [] : ['review: true']),
    ...(task.answers === true ? ['answers: true'] : []),
    ...(task.type === undefined ? [] : [`type: ${quoted(task.type)}`]),
    ...(task.files.length === 0 ? [] : [`files: ${list(task.files)}`]),
    ...(task.access === 'write' ? [] : [`access: ${task.access}`]),
    ...(dependsOn.length === 0 ? [] : [`depends_on: ${list(dependsOn)}`]),
    ...(task.priority === NORMAL_PRIORITY ? [] : [`priority: P${task.priority}`]),
    ...(task.wave === undefined ? [] : [`wave: ${task.wave + 1}`]),
    ...durationLine('estimate', task.estimateMs),
    ...(task.timeoutMs === usual.timeoutMs ? [] : durationLine('timeout', task.timeoutMs)),
    ...(task.retries === usual.retries ? [] : [`retries: ${task.retries}`]),
    ...(task.output === undefined ? [] : [`output: ${quoted(task.output)}`]),
    ...(task.accept === undefined ? [] : [`accept: ${text(task.accept)}`]),
    ...(env.length === 0 ? [] : ['env:', ...env.flatMap(([name, value]) => entryLines(name, quoted(value)))]),
  ];
  return lines
    .join('\n')
    .split('\n')
    .map((line, index) => (index === 0 ? `  - ${line}` : line === '' ? '' : `    ${line}`));
}

function workLines({ work, ...task }: Task, config: Config): string[] {
  if (work.kind === 'shell') return [`command: ${text(work.command)}`];
  const model = modelOf(work, templateOf(work.agent, config)?.command ?? []);
  return [
    `agent: ${quoted(work.agent)}`,
    ...(model === undefined ? [] : [`model: ${quoted(model)}`]),
    `prompt: ${text(task.answers === true ? withoutRequest(work.prompt, task) : work.prompt)}`,
  ];
}

/** What a task that answers is asked for stands behind its prompt, and is put there again when the plan is read. */
function withoutRequest(prompt: string, task: Pick<Task, 'id'>): string {
  const request = answerRequest(task);
  return prompt.endsWith(request) ? prompt.slice(0, -request.length) : prompt;
}

/** A role is no agent that our format could name: its call is written out. */
function roleLines(work: Work): string[] {
  if (work.kind === 'shell') return [`command: ${text(work.command)}`];
  const call = work.argv.map(word => shellWord(word)).join(' ');
  const command = work.promptBy === 'argv' ? call : `printf %s ${shellWord(work.prompt)} | ${call}`;
  return [`command: ${text(command)}`];
}

const shellWord = (word: string): string =>
  /^[\w./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

/** A resolved task has its model only in its arguments: the template says where. */
function modelOf(work: Extract<Work, { kind: 'agent' }>, template: readonly string[]): string | undefined {
  const tokens = work.promptBy === 'argv' ? template : template.filter(token => !token.includes('{prompt}'));
  // Without a model its token was left out.
  if (tokens.length !== work.argv.length) return undefined;
  const place = tokens.findIndex(token => token.includes('{model}'));
  const [before = '', after = ''] = tokens[place]?.split('{model}') ?? [];
  const filled = work.argv[place];
  return filled?.slice(before.length, filled.length - after.length);
}

function limitLines({ limits }: Plan): string[] {
  const entries = Object.entries(limits);
  if (entries.length === 0) return [];
  return ['limits:', ...entries.flatMap(([type, most]) => entryLines(type, String(most)))];
}

/** A key that is longer than YAML takes before a colon on one line stands on a line of its own. */
function entryLines(key: string, value: string): string[] {
  const written = quoted(key);
  return written.length <= LONGEST_KEY ? [`  ${written}: ${value}`] : [`  ? ${written}`, `  : ${value}`];
}

/** Exact, in the largest unit that has no remainder. Nothing for no time at all, which the format cannot say. */
function durationLine(key: string, ms: number | undefined): string[] {
  if (ms === undefined || ms === 0) return [];
  const unit = (
    [
      ['h', 3_600_000],
      ['m', 60_000],
      ['s', 1000],
      ['ms', 1],
    ] as const
  ).find(([, size]) => ms % size === 0);
  return unit === undefined ? [] : [`${key}: ${ms / unit[1]}${unit[0]}`];
}

function mostOften(tasks: readonly Task[], key: 'timeoutMs' | 'retries'): number | undefined {
  const counts = new Map<number, number>();
  for (const task of tasks) counts.set(task[key], (counts.get(task[key]) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a).at(0)?.[0];
}

/** Each JSON string is a YAML string too. */
const quoted = (value: string): string => jsonText(value);
const list = (values: readonly string[]): string => `[${values.map(quoted).join(', ')}]`;

/** Several lines as they are, where nothing in them could be read as anything else; otherwise quoted. */
function text(value: string): string {
  const lines = value.replace(/\n$/, '').split('\n');
  // What JSON would write as an escape: line ends, quotes and backslashes stand for themselves in a block.
  const escapes = jsonText(value)
    .slice(1, -1)
    .replace(/\\[n"\\]/g, '');
  const tame =
    lines.length > 1 &&
    !escapes.includes('\\') &&
    /^[^\s]/.test(value) &&
    lines.at(-1) !== '' &&
    lines.every(line => line === '' || line.trim() !== '');
  if (!tame) return quoted(value);
  return [value.endsWith('\n') ? '|' : '|-', ...lines.map(line => (line === '' ? '' : `  ${line}`))].join(
    '\n',
  );
}
