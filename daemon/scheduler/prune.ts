import type { Fact } from '../../bus-schema/fact.js';
import type { RunId } from '../../bus-schema/ids.js';
import { leaveLockClass } from './lock.js';
import type { Message } from './message.js';
import type { State } from './state.js';

/** Finished runs are forgotten; one that is not finished, or not there, is left as it is. */
export function prune(state: State, message: Extract<Message, { type: 'Prune' }>): readonly Fact[] {
  const runs = [...new Set(message.runs)].filter(id => state.runs.get(id)?.ended !== undefined);
  return runs.length === 0 ? [] : [{ type: 'RunsPruned', runs, why: message.why }];
}

/** One that is not there has left the journal already. */
export function forgetRuns(state: State, ids: readonly RunId[]): void {
  for (const id of ids) {
    for (const node of state.runs.get(id)?.nodes ?? []) leaveLockClass(state, node);
    state.runs.delete(id);
  }
  const forgotten = new Set(ids);
  for (const [worker, { run }] of state.lately) if (forgotten.has(run.id)) state.lately.delete(worker);
}
