import type { RunOptions } from '../../bus-schema/command.js';
import type { Config } from '../../bus-schema/config.js';
import type { Diagnostic } from '../../bus-schema/diagnostic.js';
import type { AskedPlan, AskedTask, AskedWork, Work } from '../../bus-schema/plan.js';
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
import { didYouMean } from './suggest.js';

export interface WorkReader {
  /** What is started for a task; undefined if that cannot be said, and then there is a problem. */
  read(task: AskedTask): Work | undefined;
  /** What was wrong, the tasks with the same trouble named together. */
  problems(): Diagnostic[];
}

interface Trouble {
  readonly remedy: string | undefined;
  readonly tasks: string[];
}

/** So many tasks are named when they share a problem. */
const MOST_NAMED = 5;

/** Turns what tasks ask for into what a worker can start. */
export function workReader(plan: AskedPlan, options: RunOptions, config: Config): WorkReader {
  const templates = new Map<string, AgentTemplate | undefined>();
  const troubles = new Map<string, Trouble>();
  const refuse = (task: AskedTask, message: string, remedy?: string): void => {
    const trouble = troubles.get(message) ?? { remedy, tasks: [] };
    trouble.tasks.push(task.id);
    troubles.set(message, trouble);
  };
  const find = (name: string): AgentTemplate | undefined => {
    if (!templates.has(name)) templates.set(name, templateFor(plan, name, options, config));
    return templates.get(name);
  };
  const readAgent = (task: AskedTask): Work | undefined => {
    const asked = task.work?.kind === 'agent' ? task.work : undefined;
    const agent = agentOf(plan, asked, options, config);
    if (agent === undefined) {
      const missing = asked === undefined ? 'neither a command nor an agent' : 'a prompt but no agent';
      refuse(task, `has ${missing}`, 'Give it one in the plan, or use --agent or --command');
      return;
    }
    const template = find(agent);
    if (template === undefined) {
      const names = agentNames(config);
      const remedy =
        didYouMean(agent, names) ??
        `Known are ${names.join(', ')}; others are described in the config under agents`;
      refuse(task, `needs agent "${printable(agent, 60)}", which is not known`, remedy);
      return;
    }
    const [unknown] = unknownPlaceholders(template.command);
    if (unknown !== undefined) {
      const remedy =
        didYouMean(unknown, PLACEHOLDERS) ?? `There are ${PLACEHOLDERS.map(name => `{${name}}`).join(' ')}`;
      refuse(task, `needs agent ${agent}, whose command has an unknown placeholder {${unknown}}`, remedy);
      return;
    }
    if (/\{(prompt|model)\}/.test(template.command[0] ?? '')) {
      refuse(
        task,
        `needs agent ${agent}, whose command begins with a prompt or a model`,
        'Begin it with a program',
      );
      return;
    }
    return callOf(plan, task, agent, template);
  };
  return {
    read(task) {
      if (options.command !== undefined) return { kind: 'shell', command: options.command };
      return task.work?.kind === 'command' ? { kind: 'shell', command: task.work.command } : readAgent(task);
    },
    problems: () =>
      [...troubles].map(([message, trouble]) => describeTrouble(plan.source ?? '-', message, trouble)),
  };
}

type AskedAgent = Extract<AskedWork, { kind: 'agent' }>;

/** A dispatch file names roles, which need no entry in the config: there the config's agent comes before the task's own. */
function agentOf(
  { format }: AskedPlan,
  asked: AskedAgent | undefined,
  options: RunOptions,
  config: Config,
): string | undefined {
  const named = asked?.agent;
  if (options.agent !== undefined) return options.agent;
  switch (format) {
    case 'conductor':
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

function callOf(plan: AskedPlan, task: AskedTask, agent: string, template: AgentTemplate): Work {
  const asked = task.work?.kind === 'agent' ? task.work : undefined;
  const prompt = asked?.prompt ?? promptFor(plan, task);
  const { argv, promptBy } = fillTemplate(template.command, {
    prompt,
    // Whoever is called, the role is the one that the file gives.
    agent: plan.format === 'dispatch' ? (asked?.agent ?? agent) : agent,
    // A model is one agent's; for another it is a stranger.
    model: asked?.agent === undefined || asked.agent === agent ? asked?.model : undefined,
    task: task.id,
    title: task.title,
    track: plan.track ?? plan.name,
    name: plan.name,
  });
  return { kind: 'agent', agent, argv, prompt, promptBy, env: [...template.env] };
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
