import type { FactOf } from '../../bus-schema/fact.js';
import type { End } from '../../bus-schema/outcome.js';
import { isReady, isVital, makeReady } from './admit.js';
import { leaveQueues } from './lock.js';
import type { State, TaskNode } from './state.js';

export function ended(node: TaskNode, end: End, unblocks: readonly TaskNode[] = []): FactOf<'TaskEnded'> {
  return {
    type: 'TaskEnded',
    run: node.run.id,
    task: node.task.id,
    end,
    unblocks: unblocks.map(each => each.task.id),
  };
}

/** All that wait for this task, directly or not, can never run now; each is told which task it was. */
export function skipDependents(node: TaskNode): FactOf<'TaskEnded'>[] {
  const facts: FactOf<'TaskEnded'>[] = [];
  const seen = new Set<TaskNode>([node]);
  const pending = [...node.dependents];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (seen.has(next) || next.status.kind !== 'waiting') continue;
    seen.add(next);
    facts.push(ended(next, { kind: 'skipped', cause: node.task.id }));
    for (const dependent of next.dependents) pending.push(dependent);
  }
  return facts;
}

export function endTask(state: State, node: TaskNode, fact: FactOf<'TaskEnded'>): void {
  leaveQueues(node);
  if (node.status.kind === 'backoff') state.backoffs.remove(node);
  node.run.deferred.delete(node);
  node.status = { kind: 'ended', end: fact.end };
  node.run.open--;
  node.run.tally[fact.end.kind]++;
  const { waves } = node.run;
  if (isVital(node.run.plan, node.task)) {
    node.run.vital.open--;
    if (fact.end.kind === 'complete') node.run.vital.complete++;
  }
  if (waves !== undefined) waves.open[node.wave] = (waves.open[node.wave] ?? 0) - 1;
  if (fact.end.kind !== 'complete') return;
  for (const dependent of node.dependents) {
    dependent.blockers--;
    if (isReady(dependent)) makeReady(dependent);
  }
}
