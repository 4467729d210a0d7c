import type { FactOf } from '../../bus-schema/fact.js';
import type { AttemptId } from '../../bus-schema/ids.js';
import { overlaps, type RepoPath } from '../../bus-schema/repo-path.js';
import { Heap } from './heap.js';
import {
  goesBefore,
  type Attempt,
  type Lane,
  type LockClass,
  type OutsideLock,
  type State,
  type TaskNode,
} from './state.js';

/** The class of some declared files, with one task more; none where nothing is declared. Order and repetition do not matter. */
export function joinLockClass(
  state: State,
  files: readonly RepoPath[],
  access: 'write' | 'read',
): LockClass | undefined {
  if (files.length === 0) return undefined;
  const paths = [...new Set(files)].sort();
  const key = `${access}\n${paths.join('\n')}`;
  let lockClass = state.lockClasses.get(key);
  if (lockClass === undefined)
    state.lockClasses.set(key, (lockClass = { key, users: 0, paths, access, waiting: new Map() }));
  lockClass.users++;
  return lockClass;
}

/** The task is of no class any more, for good or before it joins another. */
export function leaveLockClass(state: State, { lockClass }: TaskNode): void {
  if (lockClass !== undefined && --lockClass.users === 0) state.lockClasses.delete(lockClass.key);
}

/** Somebody has what another needs, and which of the needed paths it is. */
export type Conflict =
  | { readonly kind: 'attempt'; readonly holder: Attempt; readonly path: RepoPath }
  | { readonly kind: 'outside'; readonly holder: OutsideLock; readonly path: RepoPath };

/** As facts name the holder: an attempt by its id, anyone else by the name he gave himself. */
export function holderName(conflict: Conflict): string {
  return conflict.kind === 'attempt' ? conflict.holder.id : conflict.holder.worker;
}

export interface Wanted {
  readonly paths: readonly RepoPath[];
  readonly access: 'write' | 'read';
}

/**
 * Who holds a file that this task needs, or waits for it: a task that has not begun never overtakes an attempt that waits.
 * Looks at the running attempts only, at most as many as there are slots, so its cost does not grow with the plan.
 */
export function conflictOf(state: State, node: TaskNode): Conflict | undefined {
  const wanted = node.lockClass;
  if (wanted === undefined) return undefined;
  return holderOf(state, wanted) ?? lineFor(state, wanted);
}

/** @param asker what it holds itself is no obstacle to it. */
export function holderOf(state: State, wanted: Wanted, asker?: Attempt): Conflict | undefined {
  for (const holder of state.attempts.values()) {
    if (holder === asker) continue;
    const path = wanted.paths.find(mine => isHeldBy(holder, mine, wanted.access));
    if (path !== undefined) return { kind: 'attempt', holder, path };
  }
  return outsiderOf(state, wanted.paths);
}

export function outsiderOf(state: State, paths: readonly RepoPath[]): Conflict | undefined {
  for (const holder of state.outsiders.values()) {
    const path = paths.find(mine => overlaps(mine, holder.path));
    if (path !== undefined) return { kind: 'outside', holder, path };
  }
  return undefined;
}

function lineFor(state: State, wanted: Wanted): Conflict | undefined {
  for (const holder of state.waiting) {
    const path = wanted.paths.find(mine => holder.wants?.paths.some(theirs => overlaps(mine, theirs)));
    if (path !== undefined) return { kind: 'attempt', holder, path };
  }
  return undefined;
}

/** Whether an attempt has something of this path, declared or asked for, in a way that cannot be shared. */
export function isHeldBy(holder: Attempt, path: RepoPath, access: 'write' | 'read'): boolean {
  const declared = holder.node.lockClass;
  const shared = declared === undefined || (declared.access === 'read' && access === 'read');
  if (!shared && declared.paths.some(theirs => overlaps(path, theirs))) return true;
  for (const theirs of holder.locks.keys()) if (overlaps(path, theirs)) return true;
  return false;
}

/** The task leaves its lane and waits with its class for the holder that a fact names. */
export function waitForLock(state: State, node: TaskNode, fact: FactOf<'TaskBlocked'>): void {
  const { lockClass, lane } = node;
  if (lockClass === undefined) throw new Error('Internal error: a task without files waits for a file');
  leaveWaiting(node);
  node.status = { kind: 'blocked' };
  let queue = lockClass.waiting.get(lane);
  if (queue === undefined) lockClass.waiting.set(lane, (queue = new Heap(goesBefore)));
  queue.push(node);
  holderNamed(state, fact).waiters.add(lockClass);
}

function holderNamed(state: State, { holder, path }: FactOf<'TaskBlocked'>): Attempt | OutsideLock {
  const attempt = state.attempts.get(holder as AttemptId);
  if (attempt !== undefined) return attempt;
  for (const lock of state.outsiders.values())
    if (lock.worker === holder && overlaps(path as RepoPath, lock.path)) return lock;
  throw new Error(`Internal error: nobody called ${holder} holds ${path}`);
}

/** After an attempt took its locks: whoever of its class still waits, waits for it; but the next reader can share them. */
export function queueBehind(attempt: Attempt): void {
  const { lockClass, lane } = attempt.node;
  if (lockClass === undefined || lockClass.waiting.size === 0) return;
  if (lockClass.access === 'write') attempt.waiters.add(lockClass);
  else wakeFirst(lockClass, lane);
}

/** The holder is gone: of those that waited for it, the first of each lane is ready again. */
export function releaseWaiters(holder: { readonly waiters: Set<LockClass> }): void {
  for (const lockClass of holder.waiters) wake(lockClass);
}

/** The attempt goes on without these paths: the same for the classes that need one of them. */
export function releaseWaitersFor(attempt: Attempt, paths: readonly RepoPath[]): void {
  for (const lockClass of [...attempt.waiters]) {
    if (!lockClass.paths.some(mine => paths.some(theirs => overlaps(mine, theirs)))) continue;
    attempt.waiters.delete(lockClass);
    wake(lockClass);
  }
}

function wake(lockClass: LockClass): void {
  for (const lane of [...lockClass.waiting.keys()]) wakeFirst(lockClass, lane);
}

/** One at a time, readers too: were they all woken, the next writer would have to send them all back. */
function wakeFirst(lockClass: LockClass, lane: Lane): void {
  const queue = lockClass.waiting.get(lane);
  const node = queue?.peek();
  if (queue === undefined || node === undefined) return;
  queue.remove(node);
  if (queue.size === 0) lockClass.waiting.delete(lane);
  node.status = { kind: 'ready' };
  lane.ready.push(node);
}

/** The task no longer waits for its file, nor for a slot. */
export function leaveQueues(node: TaskNode): void {
  const wasNext = node.status.kind === 'ready';
  leaveWaiting(node);
  // It may have been the one of its class that was to go next.
  if (wasNext && node.lockClass !== undefined) wake(node.lockClass);
}

/**
 * Out of its lane, where it waits for a slot, or out of its class, where it waits for a file: in which of them it is may be
 * another than it was, when the attempt that held its file was one of a run that was pruned since.
 */
export function leaveWaiting(node: TaskNode): void {
  const { status, lane, lockClass } = node;
  if (status.kind === 'ready') lane.ready.remove(node);
  if (status.kind !== 'blocked') return;
  const queue = lockClass?.waiting.get(lane);
  queue?.remove(node);
  if (queue?.size === 0) lockClass?.waiting.delete(lane);
}
