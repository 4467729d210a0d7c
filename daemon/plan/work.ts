import type { RunOptions } from '../../bus-schema/command.js';
import type { Config } from '../../bus-schema/config.js';
import type { Diagnostic } from '../../bus-schema/diagnostic.js';
import type { AskedPlan, AskedTask, Work } from '../../bus-schema/plan.js';
import { printable } from '../../bus-schema/printable.js';
import { agentNames, templateOf, PLACEHOLDERS, type AgentTemplate } from './agent-templates.js';
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
    if (!templates.has(name)) templates.set(name, templateOf(name, config));
    return templates.get(name);
  };
  const readAgent = (task: AskedTask): Work | undefined => {
    const asked = task.work?.kind === 'agent' ? task.work : undefined;
    const usual = plan.format === 'conductor' ? 'claude' : undefined;
    const agent = options.agent ?? asked?.agent ?? config.agent ?? usual;
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
    const prompt = asked?.prompt ?? promptFor(plan, task);
    // A model is one agent's; for another it is a stranger.
    const model = asked?.agent === undefined || asked.agent === agent ? asked?.model : undefined;
    const { id, title } = task;
    const fillings = {
      prompt,
      agent,
      model,
      task: id,
      title,
      track: plan.track ?? plan.name,
      name: plan.name,
    };
    const { argv, promptBy } = fillTemplate(template.command, fillings);
    return { kind: 'agent', agent, argv, prompt, promptBy, env: [...template.env] };
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
