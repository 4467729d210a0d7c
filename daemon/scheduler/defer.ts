import type { Fact, FactOf } from '../../bus-schema/fact.js';
import type { Outcome } from '../../bus-schema/outcome.js';
import { makeReady } from './admit.js';
import type { Attempt, Run, State, TaskNode } from './state.js';

/** A task that met a conflict so often is not put off again: then it has failed like any other. */
export const MOST_DEFERRALS = 3;

/** An attempt that was ended for a conflict costs no retry: its task comes again when the others are through. */
export function deferral(attempt: Attempt, outcome: Outcome): FactOf<'TaskDeferred'> | undefined {
  const { node, stopping } = attempt;
  const met = stopping === 'conflict' && (outcome.kind === 'lost' || isConflict(outcome));
  if (!met || node.run.stopping !== undefined || node.deferrals >= MOST_DEFERRALS) return undefined;
  return { type: 'TaskDeferred', run: node.run.id, task: node.task.id };
}

function isConflict(outcome: Outcome): boolean {
  return outcome.kind === 'failed' && outcome.reason === 'conflict';
}

export function deferTask(node: TaskNode): void {
  node.status = { kind: 'deferred' };
  node.deferrals++;
  node.forgiven++;
  node.run.deferred.add(node);
}

/** One at a time: together they might meet the same conflict again. */
export function deferredDue(state: State): Fact[] {
  const facts: Fact[] = [];
  for (const run of state.active) {
    const [node] = run.deferred;
    if (node !== undefined && isThrough(run))
      facts.push({ type: 'DeferredDue', run: run.id, task: node.task.id });
  }
  return facts;
}

/** Nothing of the run runs, could run, or comes back by itself. */
function isThrough(run: Run): boolean {
  if (run.running > 0) return false;
  for (const lane of run.lanes.values()) if (lane.ready.size > 0) return false;
  return run.nodes.every(node => node.status.kind !== 'backoff');
}

export function endDeferral(node: TaskNode): void {
  node.run.deferred.delete(node);
  makeReady(node);
}
