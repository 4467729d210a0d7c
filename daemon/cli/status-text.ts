import { formatDuration } from '../../bus-schema/duration.js';
import { printable } from '../../bus-schema/printable.js';
import { progressView, runProgress } from '../projections/progress-view.js';
import { stuckLines } from '../projections/stuck.js';
import { conflictFor } from './conflicts.js';
import type { Run, State, TaskNode } from '../scheduler/state.js';
import type { Sight } from './sight.js';
import { shownRuns } from './status-json.js';
import { colour } from './terminal.js';

/** Of each kind, so many tasks are listed. */
const MOST_LISTED = 10;

/** `status`: the daemon, the runs, and what needs a person's eye. */
export function statusText(sight: Sight, run: Run | undefined): string {
  const { at } = sight;
  // Draining ends with the daemon that was told to.
  const state = sight.sign.up ? sight.state : { ...sight.state, draining: false };
  const runs = run === undefined ? shownRuns(state) : [run];
  const lines = runs.flatMap(each => attentionTo(state, each, at));
  const view = run === undefined ? progressView(state, at) : runProgress(run, state, at);
  const stuck = stuckLines(state, sight.stuck).map(line => colour('out', 'red', line));
  return `${daemonLine(sight)}\n${view}${lines.map(line => `${line}\n`).join('')}${stuck.join('')}`;
}

function daemonLine({ sign, state }: Sight): string {
  if (sign.up) {
    const pid = sign.lease === undefined ? '' : ` (pid ${sign.lease.holder.pid})`;
    const polling =
      sign.lease?.polling === undefined
        ? ''
        : `; polling every 2 s, since nothing can be watched (${printable(sign.lease.polling, 60)})`;
    return colour('out', 'green', `daemon: up${pid}, at most ${state.maxParallel} at once${polling}`);
  }
  const open = state.active.size > 0 ? '; `signalbox up` or `signalbox run` goes on' : '';
  return colour('out', 'yellow', `daemon: none holds this bus${open}`);
}

/** Tasks that failed, wait for a file, or will be tried again: each with its reason. */
function attentionTo(state: State, run: Run, at: number): string[] {
  const kinds: Record<'failed' | 'blocked' | 'backoff', string[]> = { failed: [], blocked: [], backoff: [] };
  for (const node of run.nodes) {
    const found = attention(state, node, at);
    if (found !== undefined) kinds[found.kind].push(`  ${found.text}`);
  }
  return Object.values(kinds).flatMap(lines =>
    lines.length <= MOST_LISTED
      ? lines
      : [...lines.slice(0, MOST_LISTED), `  and ${lines.length - MOST_LISTED} more like these`],
  );
}

function attention(
  state: State,
  node: TaskNode,
  at: number,
): { kind: 'failed' | 'blocked' | 'backoff'; text: string } | undefined {
  const { task, status } = node;
  if (status.kind === 'ended' && status.end.kind === 'failed')
    return {
      kind: 'failed',
      text: colour('out', 'red', `failed   ${task.id}: ${printable(status.end.message, 120)}`),
    };
  if (status.kind === 'backoff') {
    const left = formatDuration(Math.max(0, status.retryAt - at));
    return { kind: 'backoff', text: `again    ${task.id} in ${left}` };
  }
  const conflict = conflictFor(state, node);
  if (conflict === undefined) return undefined;
  const { holder, path } = conflict;
  const by =
    conflict.kind === 'attempt'
      ? `${conflict.holder.node.task.id} (${holder.worker})`
      : `${printable(holder.worker, 80)}, no worker of ours`;
  return { kind: 'blocked', text: `waits    ${task.id} for ${printable(path, 80)}, held by ${by}` };
}
