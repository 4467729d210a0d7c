import type { AttemptId } from '../../bus-schema/ids.js';
import type { State } from '../scheduler/state.js';

/** Of each attempt that will not die, the processes that outlived SIGKILL. */
export type Stuck = ReadonlyMap<AttemptId, readonly number[]>;

/** A line, with its end, for each attempt that is stuck, for `progress.txt` and `status`. */
export function stuckLines(state: State, stuck: Stuck): string[] {
  return [...stuck].flatMap(([id, pids]) => {
    const attempt = state.attempts.get(id);
    if (attempt === undefined) return [];
    return `  stuck    ${attempt.node.task.id} on ${attempt.worker}: ${stuckWords(pids)}\n`;
  });
}

/** `processes 7, 8 outlived SIGKILL; the attempt keeps its slot and its files`, for a sentence that ends with it. */
export function stuckWords(pids: readonly number[]): string {
  const who = `${pids.length === 1 ? 'process' : 'processes'} ${pids.join(', ')}`;
  return `${who} outlived SIGKILL; the attempt keeps its slot and its files until ${pids.length === 1 ? 'it is' : 'they are'} gone`;
}
