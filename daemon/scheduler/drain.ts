import type { Fact } from '../../bus-schema/fact.js';
import type { RunId } from '../../bus-schema/ids.js';
import { runOf } from './lookup.js';
import type { State } from './state.js';

/** Nothing new is started, of one run or of all; what runs goes on. */
export function pause(state: State, id: RunId | undefined): Fact[] {
  if (id === undefined) return state.paused ? [] : [{ type: 'Paused' }];
  const run = state.runs.get(id);
  return run === undefined || run.ended !== undefined || run.paused ? [] : [{ type: 'Paused', run: id }];
}

export function resume(state: State, id: RunId | undefined): Fact[] {
  if (id === undefined) return state.paused ? [{ type: 'Resumed' }] : [];
  return state.runs.get(id)?.paused === true ? [{ type: 'Resumed', run: id }] : [];
}

export function setLimit(state: State, maxParallel: number): Fact[] {
  return state.maxParallel === maxParallel ? [] : [{ type: 'LimitSet', maxParallel }];
}

/** The daemon is to end: it lasts until it does, and no longer. */
export function drain(state: State): Fact[] {
  return state.draining ? [] : [{ type: 'DrainStarted' }];
}

export function setPause(state: State, id: RunId | undefined): void {
  if (id === undefined) state.paused = true;
  else runOf(state, id).paused = true;
}

export function forgetPause(state: State, id: RunId | undefined): void {
  if (id === undefined) state.paused = false;
  else runOf(state, id).paused = false;
}
