import type { Fact, FactOf } from '../../bus-schema/fact.js';
import type { TaskId } from '../../bus-schema/ids.js';
import { isReady, isVital, makeReady } from './admit.js';
import { chance } from './chance.js';
import type { Instant, Message } from './message.js';
import type { State, TaskNode } from './state.js';

/** The next attempt of a task that failed, or nothing when its attempts are used up or its run is ending. */
export function retry(state: State, node: TaskNode, now: Instant): FactOf<'RetryScheduled'> | undefined {
  const used = node.attempts - node.forgiven;
  if (used > node.task.retries || node.run.stopping !== undefined) return undefined;
  const { backoffFirstMs, backoffLongestMs } = node.run.plan.settings;
  const doubled = Math.min(backoffFirstMs * 2 ** (used - 1), backoffLongestMs);
  // Half of it by chance, so that tasks which failed together do not all come back together.
  const spread = 0.5 + 0.5 * chance(state.seed, `${node.run.id}.${node.ordinal}.${node.attempts}.backoff`);
  const delayMs = Math.round(doubled * spread);
  return { type: 'RetryScheduled', run: node.run.id, task: node.task.id, retryAt: now.at + delayMs, delayMs };
}

/** The backoffs that are over. */
export function due(state: State, now: Instant): Fact[] {
  const facts: Fact[] = [];
  // Only the heap's first is known to be the earliest; the loop asks again after folding these in.
  const node = state.backoffs.peek();
  if (node?.status.kind === 'backoff' && node.status.retryAt <= now.at) {
    facts.push({ type: 'RetryDue', run: node.run.id, task: node.task.id });
  }
  return facts;
}

export function beginBackoff(state: State, node: TaskNode, retryAt: number): void {
  node.status = { kind: 'backoff', retryAt };
  state.backoffs.push(node);
}

export function endBackoff(state: State, node: TaskNode): void {
  state.backoffs.remove(node);
  makeReady(node);
}

/**
 * An operator's wish: a waiting retry now, or another chance for a task that failed or was cancelled, for its sake also
 * for those that were skipped because of it.
 */
export function reopen(state: State, message: Extract<Message, { type: 'Retry' }>): readonly Fact[] {
  const run = state.runs.get(message.run);
  const node = run?.byId.get(message.task);
  if (run === undefined || node === undefined) return [];
  if (node.status.kind === 'backoff') return [{ type: 'RetryDue', run: run.id, task: node.task.id }];
  if (node.status.kind === 'deferred') return [{ type: 'DeferredDue', run: run.id, task: node.task.id }];
  if (!isReopenable(node)) return [];
  return [{ type: 'TaskReopened', run: run.id, task: node.task.id, revives: skippedBehind(node) }];
}

/** Its end was no success, and no dependency stands in the way of running it again. */
export function isReopenable(node: TaskNode): boolean {
  const { status } = node;
  return (
    status.kind === 'ended' &&
    (status.end.kind === 'failed' || status.end.kind === 'cancelled') &&
    node.blockers === 0
  );
}

/** Skipped tasks that nothing but this task (and what it revives) stands in the way of. */
function skippedBehind(node: TaskNode): TaskId[] {
  const revived = new Set<TaskNode>([node]);
  const pending = [...node.dependents];
  for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
    if (revived.has(next) || next.status.kind !== 'ended' || next.status.end.kind !== 'skipped') continue;
    const { byId } = next.run;
    const free = next.task.dependsOn.every(id => {
      const dependency = byId.get(id);
      return dependency !== undefined && (revived.has(dependency) || !isDeadEnd(dependency));
    });
    if (!free) continue;
    revived.add(next);
    pending.push(...next.dependents);
  }
  revived.delete(node);
  return [...revived].map(each => each.task.id);
}

function isDeadEnd(node: TaskNode): boolean {
  return node.status.kind === 'ended' && node.status.end.kind !== 'complete';
}

export function reopenTask(state: State, node: TaskNode, revives: readonly TaskId[]): void {
  const { run } = node;
  run.ended = undefined;
  run.stopping = undefined;
  state.active.add(run);
  node.forgiven = node.attempts;
  node.deferrals = 0;
  const nodes = [node, ...revives.flatMap(id => run.byId.get(id) ?? [])];
  for (const each of nodes) {
    if (each.status.kind === 'ended') run.tally[each.status.end.kind]--;
    each.status = { kind: 'waiting' };
    run.open++;
    if (isVital(run.plan, each.task)) run.vital.open++;
    if (run.waves !== undefined) run.waves.open[each.wave] = (run.waves.open[each.wave] ?? 0) + 1;
  }
  // Back to its wave where that is over; to a later one only when nothing is left of those before it.
  if (run.waves !== undefined) run.waves.current = run.waves.open.findIndex(open => open > 0);
  for (const each of nodes) if (isReady(each)) makeReady(each);
}
