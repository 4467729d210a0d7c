import { explain as explainTask } from '../projections/explain.js';
import { stuckWords } from '../projections/stuck.js';
import { CONFLICTS } from './conflicts.js';
import { printable } from '../../bus-schema/printable.js';
import { EXIT } from './exit-codes.js';
import type { JsonFlags } from './flags.js';
import { lookAtBus, taskIn } from './sight.js';
import { out, outJson, refuse } from './terminal.js';

export interface ExplainFlags extends JsonFlags {
  readonly run?: string;
}

/** `signalbox explain`: why a task is where it is. */
export function explain(task: string, flags: ExplainFlags): Promise<number> {
  const sight = lookAtBus(flags);
  if (!sight.ok) return Promise.resolve(refuse([sight.error]));
  const node = taskIn(sight.value, task, flags.run);
  if (!node.ok) return Promise.resolve(refuse([node.error]));
  const { state, at, sign, stuck } = sight.value;
  const { run, status } = node.value;
  const reasons = explainTask(state, node.value, at, CONFLICTS);
  const pids = status.kind === 'running' ? stuck.get(status.attempt.id) : undefined;
  if (pids !== undefined) reasons.push(`it is stuck: ${stuckWords(pids)}`);
  // Without a daemon even a task that nothing stands in the way of is not started.
  if (!sign.up && run.ended === undefined && status.kind !== 'before' && status.kind !== 'ended')
    reasons.push('no daemon holds the bus, so nothing is started; `signalbox up` or `signalbox run` goes on');
  if (flags.json === true)
    outJson({
      run: run.id,
      task,
      status: status.kind,
      daemon: sign.up,
      reasons: reasons.map(reason => reason.trim()),
    });
  else out(`${[`run ${run.id}`, ...reasons].map(line => printable(line, 500)).join('\n')}\n`);
  return Promise.resolve(EXIT.complete);
}
