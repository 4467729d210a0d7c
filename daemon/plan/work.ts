import type { RunOptions } from '../../bus-schema/command.js';
import type { Config } from '../../bus-schema/config.js';
import type { Diagnostic } from '../../bus-schema/diagnostic.js';
import type { AskedPlan, AskedTask, AskedWork, Review, Work } from '../../bus-schema/plan.js';
import { printable } from '../../bus-schema/printable.js';
import { unreachable } from '../../bus-schema/result.js';
import {
  agentNames,
  isDescribed,
  PLACEHOLDERS,
  ROLE_TEMPLATE,
  templateOf,
  withCommonEnv,
  type AgentTemplate,
} from './agent-templates.js';
import { fillTemplate, unknownPlaceholders } from './fill-template.js';
import { answerRequest, fixPrompt, reviewPrompt } from './stage-prompts.js';
import { didYouMean } from './suggest.js';
import { contextSentence } from './tasks-file-prompt.js';

export interface WorkReader {
  /** What is started for a task; undefined if that cannot be said, and then there is a problem. */
  read(task: AskedTask): Work | undefined;
  /** How the work of a task is reviewed and mended, where it asks for that; the same holds of undefined. */
  review(task: AskedTask): Review | undefined;
  /** What was wrong, the tasks with the same trouble named together. */
  problems(): Diagnostic[];
}

interface Trouble {
  readonly remedy: string | undefined;
  readonly tasks: string[];
}

/** So many tasks are named when they share a problem. */
const MOST_NAMED = 5;

/** Whom a config that does not say otherwise has review. */
const REVIEWER = 'codex';
const ROUNDS = 3;

/** Turns what tasks ask for into what a worker can start. */
export function workReader(plan: AskedPlan, options: RunOptions, config: Config): WorkReader {
  const templates = new Map<string, AgentTemplate | undefined>();
  const troubles = new Map<string, Trouble>();
  const refuse = (task: AskedTask, message: string, remedy?: string): void => {
    const trouble = troubles.get(message) ?? { remedy, tasks: [] };
    // Who reviews and who mends may be the same stranger.
    if (trouble.tasks.at(-1) !== task.id) trouble.tasks.push(task.id);
    troubles.set(message, trouble);
  };
  const find = (name: string, isOwn: boolean): AgentTemplate | undefined => {
    const key = `${isOwn ? 'own' : 'other'} ${name}`;
    if (!templates.has(key))
      templates.set(key, isOwn ? templateFor(plan, name, options, config) : templateOf(name, config));
    return templates.get(key);
  };
  const callAgent = (task: AskedTask, agent: string, order: Order): Work | undefined => {
    const template = find(agent, order.isOwn);
    const [message, remedy] = template === undefined ? unknownAgent(agent, config) : faultOf(agent, template);
    if (message !== undefined) refuse(task, message, remedy);
    return message !== undefined || template === undefined
      ? undefined
      : callOf(plan, task, agent, template, order);
  };
  const read = (task: AskedTask, prompt: string): Work | undefined => {
    if (options.command !== undefined) return { kind: 'shell', command: options.command };
    if (task.work?.kind === 'command') return { kind: 'shell', command: task.work.command };
    const agent = agentOf(plan, task.work, options, config);
    if (agent !== undefined) return callAgent(task, agent, { prompt, isOwn: true });
    const missing = task.work === undefined ? 'neither a command nor an agent' : 'a prompt but no agent';
    refuse(task, `has ${missing}`, 'Give it one in the plan, or use --agent or --command');
    return undefined;
  };
  const other = (task: AskedTask, agent: string, prompt: string): Work | undefined =>
    options.command === undefined
      ? callAgent(task, agent, { prompt, isOwn: false })
      : { kind: 'shell', command: options.command };
  return {
    read: task => read(task, `${askedOf(plan, task)}${task.answers === true ? answerRequest(task) : ''}`),
    review(task) {
      if (task.review !== true) return undefined;
      const asked = askedOf(plan, task);
      const {
        agent = REVIEWER,
        fix_agent: fixer,
        rounds = ROUNDS,
        block_on: blockOn = 'low',
      } = config.review ?? {};
      const review = other(task, agent, reviewPrompt(task, asked));
      const mending = fixPrompt(task, asked);
      const fix = fixer === undefined ? read(task, mending) : other(task, fixer, mending);
      return review === undefined || fix === undefined ? undefined : { review, fix, blockOn, rounds };
    },
    problems: () =>
      [...troubles].map(([message, trouble]) => describeTrouble(plan.source ?? '-', message, trouble)),
  };
}

/** What an agent is called with; its own task's, or another's that reviews or mends. */
interface Order {
  readonly prompt: string;
  readonly isOwn: boolean;
}

type Fault = readonly [message?: string, remedy?: string];

function unknownAgent(agent: string, config: Config): Fault {
  const names = agentNames(config);
  const remedy =
    didYouMean(agent, names) ??
    `Known are ${names.join(', ')}; others are described in the config under agents`;
  return [`needs agent "${printable(agent, 60)}", which is not known`, remedy];
}

function faultOf(agent: string, { command }: AgentTemplate): Fault {
  const [unknown] = unknownPlaceholders(command);
  if (unknown !== undefined) {
    const remedy =
      didYouMean(unknown, PLACEHOLDERS) ?? `There are ${PLACEHOLDERS.map(name => `{${name}}`).join(' ')}`;
    return [`needs agent ${agent}, whose command has an unknown placeholder {${unknown}}`, remedy];
  }
  return /\{(prompt|model)\}/.test(command[0] ?? '')
    ? [`needs agent ${agent}, whose command begins with a prompt or a model`, 'Begin it with a program']
    : [];
}

/** A dispatch file names roles, which need no entry in the config: there the config's agent comes before the task's own. */
function agentOf(
  { format }: AskedPlan,
  asked: AskedWork | undefined,
  options: RunOptions,
  config: Config,
): string | undefined {
  const named = asked?.kind === 'agent' ? asked.agent : undefined;
  if (options.agent !== undefined) return options.agent;
  switch (format) {
    case 'conductor':
    case 'wave':
    case 'orchestrate':
      return named ?? config.agent ?? 'claude';
    case 'dispatch':
      return named !== undefined && isDescribed(named, config) ? named : (config.agent ?? named);
    case 'native':
      return named ?? config.agent;
    default:
      return unreachable(format);
  }
}

/** A role of a dispatch file that nothing describes is called by the format's own template, whatever its name. */
function templateFor(
  { format }: AskedPlan,
  agent: string,
  options: RunOptions,
  config: Config,
): AgentTemplate | undefined {
  const chosen = options.agent ?? config.agent;
  const isRole = format === 'dispatch' && agent !== chosen && !isDescribed(agent, config);
  return isRole ? withCommonEnv(ROLE_TEMPLATE, config) : templateOf(agent, config);
}

function callOf(
  plan: AskedPlan,
  task: AskedTask,
  agent: string,
  template: AgentTemplate,
  { prompt, isOwn }: Order,
): Work {
  const asked = task.work?.kind === 'agent' ? task.work : undefined;
  const { argv, promptBy } = fillTemplate(template.command, {
    prompt,
    // Whoever is called, the role is the one that the file gives.
    agent: plan.format === 'dispatch' && isOwn ? (asked?.agent ?? agent) : agent,
    model: isOwn && asked !== undefined ? modelFor(agent, asked, template) : undefined,
    task: task.id,
    title: task.title,
    track: plan.track ?? plan.name,
    name: plan.name,
  });
  return { kind: 'agent', agent, argv, prompt, promptBy, env: [...template.env] };
}

/** A model is one agent's; for another it is a stranger. Where the plan names no agent, the model's name tells whose it is. */
function modelFor(
  agent: string,
  { agent: named, model = '' }: Extract<AskedWork, { kind: 'agent' }>,
  { command }: AgentTemplate,
): string | undefined {
  const isOthers = /^(claude|opus|sonnet|haiku)/i.test(model) && OTHERS.includes(command[0] ?? '');
  const fits = named === undefined ? !isOthers : named === agent;
  return model !== '' && fits ? model : undefined;
}

/** Programs that do not know the models of claude by these names. */
const OTHERS: readonly string[] = ['codex', 'gemini', 'opencode'];

/** What a task's worker is told, or would be if it were told by words. */
function askedOf(plan: AskedPlan, task: AskedTask): string {
  switch (task.work?.kind) {
    case 'agent':
      return `${task.work.prompt}${contextSentence(plan)}`;
    case 'command':
      return `${task.title}\n\nIt was to be done by this command:\n${task.work.command}`;
    case undefined:
      return promptFor(plan, task);
    default:
      return unreachable(task.work);
  }
}

/** A conductor worker is told its track and task; elsewhere a title says what is to be done. */
function promptFor(plan: AskedPlan, task: AskedTask): string {
  return plan.format === 'conductor' ? `/task-worker ${plan.track ?? plan.name} ${task.id}` : task.title;
}

function describeTrouble(file: string, message: string, { remedy, tasks }: Trouble): Diagnostic {
  const named = tasks.slice(0, MOST_NAMED).join(', ');
  const more = tasks.length > MOST_NAMED ? ` (and ${tasks.length - MOST_NAMED} more)` : '';
  const sentence = `${tasks.length === 1 ? 'task' : 'each of the tasks'} ${named}${more} ${message}`;
  return { severity: 'error', file, message: sentence, ...(remedy === undefined ? {} : { remedy }) };
}
