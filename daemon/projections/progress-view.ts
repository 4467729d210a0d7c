import { formatDuration } from '../../bus-schema/duration.js';
import { printable } from '../../bus-schema/printable.js';
import type { Run, State } from '../scheduler/state.js';
import { orchestrationStatus } from './orchestration-status.js';

/** `progress.txt`, and what `status` prints: every run that has not ended and the last one that has. */
export function progressView(state: State, at: number): string {
  const runs = [...state.runs.values()];
  const ended = runs.filter(run => run.ended !== undefined).at(-1);
  const shown = [...(ended === undefined ? [] : [ended]), ...state.active];
  if (shown.length === 0) return 'no run yet\n';
  const head = state.paused
    ? 'paused: nothing new is started\n'
    : state.draining
      ? 'draining: nothing new is started\n'
      : '';
  return head + shown.map(run => runProgress(run, state, at)).join('\n');
}

export function runProgress(run: Run, state: State, at: number): string {
  const { complete, failed, skipped, cancelled } = run.tally;
  const total = run.nodes.length;
  const before = total - run.open - complete - failed - skipped - cancelled;
  const parts = [
    `${complete + before}/${total} complete`,
    ...(before > 0 ? [`${before} of them before`] : []),
    `${failed} failed`,
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    ...(cancelled > 0 ? [`${cancelled} cancelled`] : []),
    `${run.running} running`,
    `${run.open - run.running} left`,
  ];
  const elapsed = formatDuration((run.ended?.at ?? at) - run.startedAt);
  const state_ =
    run.ended === undefined
      ? run.paused
        ? 'paused'
        : run.stopping === undefined
          ? 'running'
          : 'stopping'
      : run.ended.verdict;
  const lines = [
    `run ${run.id} (${printable(run.plan.name, 60)}): ${state_}, ${parts.join(', ')}, ${elapsed}`,
  ];
  if (run.plan.format === 'orchestrate') return `${lines.join('\n')}\n${orchestrationStatus(run, { at })}`;
  for (const attempt of state.attempts.values()) {
    if (attempt.node.run !== run) continue;
    const again = attempt.number > 1 ? `, attempt ${attempt.number}` : '';
    const ending = attempt.stopping === undefined ? '' : `, being ended (${attempt.stopping})`;
    const { id, title } = attempt.node.task;
    lines.push(
      `  ${attempt.worker}  ${id}  ${printable(title, 60)}  ${formatDuration(at - attempt.startedAt)}${again}${ending}`,
    );
  }
  return `${lines.join('\n')}\n`;
}
