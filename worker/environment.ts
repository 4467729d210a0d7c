import type { StartOrder } from '../bus-schema/assignment.js';
import { layout } from '../bus-schema/layout.js';
import { ATTEMPT_MARK } from '../bus-schema/store/marker-scan.js';
import { join } from 'node:path';
import type { Station } from './station.js';

export type Environment = Record<string, string>;

/** What says something about the worker, or about an attempt that signalbox itself was started in. */
const NOT_PASSED_ON = new Set([
  'SIGNALBOX_HEARTBEAT_MS',
  'SIGNALBOX_IDLE_EXIT_MS',
  'SIGNALBOX_PROMPT_FILE',
  'SIGNALBOX_OUTPUT',
  'SIGNALBOX_NAMESPACE',
]);

/** What an agent gets of the daemon's environment: enough to find its programs and settings, none of our secrets. */
const AGENT_NAMES = new Set(['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'TERM', 'TMPDIR', 'TZ']);
const AGENT_PATTERN = /^(LC_.*|XDG_.*|.*_PROXY|.*_proxy)$/;

/** What a command finds in its environment. */
export interface Variables {
  /** Of the daemon's own, what is passed on. */
  readonly inherited: Environment;
  /** The task's, and the attempt's, which stand above all others. */
  readonly own: Environment;
}

/**
 * The environment of an attempt's command. By the attempt's mark a process is found again, so a task cannot name itself
 * otherwise.
 */
export function variablesOf(order: StartOrder, station: Station): Variables {
  const { work } = order;
  return {
    inherited: work.kind === 'shell' ? station.shellEnvironment : agentEnvironment(work.env, process.env),
    own: { ...order.env, ...ownVariables(order, station) },
  };
}

/** What a shell command gets of this process's environment: all that says nothing about us. */
export function shellEnvironment(all: NodeJS.ProcessEnv): Environment {
  return pick(all, name => !NOT_PASSED_ON.has(name));
}

function agentEnvironment(named: readonly string[], all: NodeJS.ProcessEnv): Environment {
  return pick(all, name => AGENT_NAMES.has(name) || AGENT_PATTERN.test(name) || named.includes(name));
}

function pick(all: NodeJS.ProcessEnv, passes: (name: string) => boolean): Environment {
  const picked: Environment = {};
  for (const [name, value] of Object.entries(all)) {
    if (value !== undefined && passes(name)) picked[name] = value;
  }
  return picked;
}

function ownVariables(order: StartOrder, station: Station): Environment {
  return {
    SIGNALBOX_BUS: station.bus,
    SIGNALBOX_RUN_ID: order.run,
    SIGNALBOX_TASK_ID: order.task,
    SIGNALBOX_ATTEMPT: String(order.number),
    [ATTEMPT_MARK]: order.attempt,
    SIGNALBOX_TOKEN: order.token,
    SIGNALBOX_STAGE: order.stage ?? 'work',
    SIGNALBOX_WORKER_ID: station.worker,
    SIGNALBOX_FILES: order.files.join('\n'),
    ...(order.work.kind === 'agent' && {
      SIGNALBOX_PROMPT_FILE: join(station.bus, layout.prompt(order.run, order.attempt)),
    }),
    ...(order.output !== undefined && { SIGNALBOX_OUTPUT: order.output }),
    ...(station.enclosure.containment.kind === 'namespace' && { SIGNALBOX_NAMESPACE: 'pid' }),
  };
}
