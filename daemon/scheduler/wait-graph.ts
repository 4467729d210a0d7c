import { overlaps, type RepoPath } from '../../bus-schema/repo-path.js';
import { isHeldBy } from './lock.js';
import type { Attempt, State } from './state.js';

/** For each attempt that waits, the attempts it waits for. */
export type WaitGraph = ReadonlyMap<Attempt, ReadonlySet<Attempt>>;

/**
 * Who waits for whom: for whoever holds something of what it wants, and for those that wait longer for something of it. An
 * earlier one that itself waits for the later, directly or not, has no precedence, or both would wait for ever. So a
 * circle can only be one of holders, and those are broken when they come about.
 */
export function waitGraph(state: State): WaitGraph {
  const graph = new Map<Attempt, Set<Attempt>>();
  for (const waiter of state.waiting) graph.set(waiter, new Set(holdersFor(state, waiter, wantsOf(waiter))));
  const earlier: Attempt[] = [];
  for (const waiter of state.waiting) {
    const before = earlier.filter(each => meet(wantsOf(each), wantsOf(waiter)));
    for (const each of before) if (!waitsFor(graph, each, waiter)) graph.get(waiter)?.add(each);
    earlier.push(waiter);
  }
  return graph;
}

/** Whether one attempt cannot go on before another does. */
export function waitsFor(graph: WaitGraph, one: Attempt, other: Attempt): boolean {
  const seen = new Set<Attempt>([one]);
  for (const next of seen) {
    const targets = graph.get(next);
    if (targets?.has(other) === true) return true;
    for (const target of targets ?? []) seen.add(target);
  }
  return false;
}

/**
 * The circle that comes about when `asker` waits for `paths`, if one does, each attempt waiting for the next and the last for
 * the first. Those in `givenWay` wait for nothing any more.
 */
export function circleThrough(
  state: State,
  asker: Attempt,
  paths: readonly RepoPath[],
  givenWay: ReadonlySet<Attempt>,
): Attempt[] | undefined {
  const cameFrom = new Map<Attempt, Attempt | undefined>([[asker, undefined]]);
  for (const next of cameFrom.keys()) {
    if (givenWay.has(next)) continue;
    const wants = next === asker ? paths : wantsOf(next);
    for (const holder of holdersFor(state, next, wants)) {
      if (holder === asker) return trail(cameFrom, next);
      if (!cameFrom.has(holder)) cameFrom.set(holder, next);
    }
  }
  return undefined;
}

function trail(cameFrom: ReadonlyMap<Attempt, Attempt | undefined>, last: Attempt): Attempt[] {
  const steps: Attempt[] = [];
  for (let step: Attempt | undefined = last; step !== undefined; step = cameFrom.get(step)) steps.push(step);
  return steps.reverse();
}

function holdersFor(state: State, asker: Attempt, paths: readonly RepoPath[]): Attempt[] {
  if (paths.length === 0) return [];
  return [...state.attempts.values()].filter(
    holder => holder !== asker && paths.some(path => isHeldBy(holder, path, 'write')),
  );
}

export function wantsOf(attempt: Attempt): readonly RepoPath[] {
  return attempt.wants?.paths ?? [];
}

export function meet(some: readonly RepoPath[], others: readonly RepoPath[]): boolean {
  return some.some(mine => others.some(theirs => overlaps(mine, theirs)));
}
