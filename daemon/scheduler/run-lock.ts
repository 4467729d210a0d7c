import type { Fact, FactOf, JournalRecord } from '../../bus-schema/fact.js';
import { covers, overlaps, type RepoPath } from '../../bus-schema/repo-path.js';
import { holderName, holderOf, outsiderOf, releaseWaitersFor, type Conflict } from './lock.js';
import { attemptOf } from './lookup.js';
import type { LockMessage } from './message.js';
import { stopping } from './stall.js';
import type { Attempt, State } from './state.js';
import { circleThrough, waitGraph, waitsFor, wantsOf } from './wait-graph.js';

/** Paths that an attempt may hold beside those it declared; each costs a look whenever a task is to start. */
export const MOST_LOCKS = 1000;

/** An attempt asks for files while it runs: it gets all of them, waits for all, or is ended, as its plan wants it. */
export function locksAsked(
  state: State,
  message: Extract<LockMessage, { type: 'LocksAsked' }>,
): readonly Fact[] {
  const attempt = state.attempts.get(message.attempt);
  if (attempt === undefined || attempt.stopping !== undefined) return [];
  const paths = [...new Set(message.paths)];
  const { as } = message;
  if (paths.length === 0 || attempt.locks.size + paths.length > MOST_LOCKS) return [];
  if (message.claimed === true && paths.every(path => isKnown(attempt, path, as))) return [];
  // What it has it may ask for again: whoever asks, gets an answer.
  const conflict = paths.every(path => holds(attempt, path)) ? undefined : obstacle(state, attempt, paths);
  if (conflict === undefined) return [taken(attempt, paths, as)];
  if (message.claimed === true) return [];
  if (attempt.node.run.plan.settings.onConflict === 'abort') return [stopping(attempt, 'conflict')];
  const awaited: Fact = {
    type: 'LocksAwaited',
    ...asker(attempt),
    paths,
    holder: holderName(conflict),
    path: conflict.path,
  };
  return [awaited, ...givingWay(state, attempt, [...wantsOf(attempt), ...paths])];
}

/** An attempt gives back what it asked for, or does not wait for it any more. What it declared it keeps to its end. */
export function locksGivenBack(
  state: State,
  message: Extract<LockMessage, { type: 'LocksGivenBack' }>,
): readonly Fact[] {
  const attempt = state.attempts.get(message.attempt);
  if (attempt === undefined) return [];
  const { paths, withdraw = false } = message;
  const isMeant = (path: RepoPath): boolean =>
    paths === 'all' || paths.some(each => (withdraw ? each === path : covers(each, path)));
  const held = withdraw ? [] : [...attempt.locks.keys()].filter(isMeant);
  const withdrawn = wantsOf(attempt).filter(isMeant);
  if (held.length + withdrawn.length === 0) return [];
  return [{ type: 'LocksReleased', ...asker(attempt), paths: held, withdrawn }];
}

/** The first of those that wait, if all that it wants is free and nobody before it wants some of that. */
export function grant(state: State): readonly Fact[] {
  if (state.waiting.size === 0) return [];
  const graph = waitGraph(state);
  for (const attempt of state.waiting) {
    const wants = wantsOf(attempt);
    if (graph.get(attempt)?.size === 0 && outsiderOf(state, wants) === undefined)
      return [taken(attempt, wants, undefined)];
  }
  return [];
}

/** For whom an attempt waits, if it waits. */
export function waitOf(state: State, attempt: Attempt): Conflict | undefined {
  if (attempt.wants === undefined) return undefined;
  const { paths } = attempt.wants;
  const held = holderOf(state, { paths, access: 'write' }, attempt);
  if (held !== undefined) return held;
  for (const holder of waitGraph(state).get(attempt) ?? []) {
    const path = paths.find(mine => wantsOf(holder).some(theirs => overlaps(mine, theirs)));
    if (path !== undefined) return { kind: 'attempt', holder, path };
  }
  return undefined;
}

/** Whether nobody else can have this path, because the attempt has it already. */
export function holds(attempt: Attempt, path: RepoPath): boolean {
  if (isDeclared(attempt, path)) return true;
  for (const mine of attempt.locks.keys()) if (covers(mine, path)) return true;
  return false;
}

function isDeclared({ node }: Attempt, path: RepoPath): boolean {
  const { lockClass } = node;
  return lockClass?.access === 'write' && lockClass.paths.some(mine => covers(mine, path));
}

function isKnown(attempt: Attempt, path: RepoPath, as: string | undefined): boolean {
  return as === undefined ? holds(attempt, path) : attempt.locks.get(path)?.as === as;
}

/** What stands between an attempt and files that it asks for: their holder, or one that waits for them already. */
export function obstacle(state: State, attempt: Attempt, paths: readonly RepoPath[]): Conflict | undefined {
  const held = holderOf(state, { paths, access: 'write' }, attempt);
  if (held !== undefined || state.waiting.size === 0) return held;
  const graph = waitGraph(state);
  for (const holder of state.waiting) {
    const path = paths.find(mine => wantsOf(holder).some(theirs => overlaps(mine, theirs)));
    if (path !== undefined && holder !== attempt && !waitsFor(graph, holder, attempt))
      return { kind: 'attempt', holder, path };
  }
  return undefined;
}

/** The circles that come about when an attempt begins to wait, and in each the youngest, which is ended. */
function givingWay(state: State, attempt: Attempt, paths: readonly RepoPath[]): Fact[] {
  const facts: Fact[] = [];
  const givenWay = new Set<Attempt>();
  for (;;) {
    const circle = givenWay.has(attempt) ? undefined : circleThrough(state, attempt, paths, givenWay);
    if (circle === undefined) return facts;
    const victim = circle.reduce((one, other) => (isYounger(other, one) ? other : one));
    givenWay.add(victim);
    facts.push(
      { type: 'DeadlockResolved', ...asker(victim), cycle: circle.map(each => each.id) },
      stopping(victim, 'deadlock'),
    );
  }
}

function isYounger(a: Attempt, b: Attempt): boolean {
  return a.startedAt === b.startedAt ? a.id > b.id : a.startedAt > b.startedAt;
}

function taken(attempt: Attempt, paths: readonly RepoPath[], as: string | undefined): Fact {
  // A label cannot lie beyond what the calendar has.
  const until = Math.min(attempt.wallAt + attempt.node.task.timeoutMs, 8.64e15);
  return {
    type: 'LocksTaken',
    ...asker(attempt),
    paths: [...paths],
    ...(as === undefined ? {} : { as }),
    until: new Date(until).toISOString(),
  };
}

function asker({
  id,
  node,
  worker,
}: Attempt): Pick<FactOf<'LocksReleased'>, 'run' | 'task' | 'attempt' | 'worker'> {
  return { run: node.run.id, task: node.task.id, attempt: id, worker };
}

export function takeLocks(state: State, fact: FactOf<'LocksTaken'>, record: JournalRecord): void {
  const attempt = attemptOf(state, fact.attempt);
  const { as } = fact;
  for (const path of fact.paths) {
    const known = attempt.locks.get(path);
    if (known === undefined ? as === undefined && isDeclared(attempt, path) : as === undefined) continue;
    attempt.locks.set(path, { since: known?.since ?? record.wall, as });
  }
  wantOnly(state, attempt, path => !fact.paths.includes(path));
}

export function awaitLocks(state: State, fact: FactOf<'LocksAwaited'>, record: JournalRecord): void {
  const attempt = attemptOf(state, fact.attempt);
  const paths = [...new Set([...wantsOf(attempt), ...fact.paths])];
  attempt.wants = { paths, since: attempt.wants?.since ?? record.at };
  state.waiting.add(attempt);
}

export function releaseLocks(state: State, fact: FactOf<'LocksReleased'>): void {
  const attempt = attemptOf(state, fact.attempt);
  for (const path of fact.paths) attempt.locks.delete(path);
  wantOnly(state, attempt, path => !fact.withdrawn.includes(path));
  releaseWaitersFor(attempt, [...fact.paths, ...fact.withdrawn]);
}

/** Its end is near: it needs nothing more. What it has it keeps until its processes are gone. */
export function stopWaiting(state: State, attempt: Attempt): void {
  wantOnly(state, attempt, () => false);
}

function wantOnly(state: State, attempt: Attempt, isWanted: (path: RepoPath) => boolean): void {
  if (attempt.wants === undefined) return;
  const paths = attempt.wants.paths.filter(isWanted);
  attempt.wants = paths.length === 0 ? undefined : { ...attempt.wants, paths };
  if (attempt.wants === undefined) state.waiting.delete(attempt);
}
