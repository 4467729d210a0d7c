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

/**
 * The environment of an attempt's command. The attempt's own variables stand above all others: by its mark a process is
 * found again, so a task cannot name itself otherwise.
 */
export function environmentOf(
  order: StartOrder,
  station: Station,
  inherited: NodeJS.ProcessEnv,
): Environment {
  const { work } = order;
  const passes =
    work.kind === 'shell'
      ? (name: string) => !NOT_PASSED_ON.has(name)
      : (name: string) => AGENT_NAMES.has(name) || AGENT_PATTERN.test(name) || work.env.includes(name);
  const environment: Environment = {};
  for (const [name, value] of Object.entries(inherited)) {
    if (value !== undefined && passes(name)) environment[name] = value;
  }
  return { ...environment, ...order.env, ...ownVariables(order, station) };
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
