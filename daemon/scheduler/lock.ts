import { overlaps, type RepoPath } from '../../bus-schema/repo-path.js';
import { Heap } from './heap.js';
import { goesBefore, type Attempt, type Lane, type LockClass, type State, type TaskNode } from './state.js';

/** The class of some declared files; none where nothing is declared. Order and repetition do not matter. */
export function lockClassOf(
  state: State,
  files: readonly RepoPath[],
  access: 'write' | 'read',
): LockClass | undefined {
  if (files.length === 0) return undefined;
  const paths = [...new Set(files)].sort();
  const key = `${access}\n${paths.join('\n')}`;
  const known = state.lockClasses.get(key);
  if (known !== undefined) return known;
  const lockClass: LockClass = { paths, access, waiting: new Map() };
  state.lockClasses.set(key, lockClass);
  return lockClass;
}

export interface Conflict {
  readonly holder: Attempt;
  readonly path: RepoPath;
}

/**
 * Who holds a file that this task needs. Looks at the running attempts only, at most as many as there are slots, so its
 * cost does not grow with the plan.
 */
export function conflictOf(state: State, node: TaskNode): Conflict | undefined {
  const wanted = node.lockClass;
  if (wanted === undefined) return undefined;
  for (const holder of state.attempts.values()) {
    const held = holder.node.lockClass;
    if (held === undefined || (held.access === 'read' && wanted.access === 'read')) continue;
    const path = wanted.paths.find(mine => held.paths.some(theirs => overlaps(mine, theirs)));
    if (path !== undefined) return { holder, path };
  }
  return undefined;
}

/** The task leaves its lane and waits with its class until `holder` is settled. */
export function waitForLock(node: TaskNode, holder: Attempt): void {
  const { lockClass, lane } = node;
  if (lockClass === undefined) throw new Error('Internal error: a task without files waits for a file');
  lane.ready.remove(node);
  node.status = { kind: 'blocked' };
  let queue = lockClass.waiting.get(lane);
  if (queue === undefined) lockClass.waiting.set(lane, (queue = new Heap(goesBefore)));
  queue.push(node);
  holder.waiters.add(lockClass);
}

/** After an attempt took its locks: whoever of its class still waits, waits for it; but the next reader can share them. */
export function queueBehind(attempt: Attempt): void {
  const { lockClass, lane } = attempt.node;
  if (lockClass === undefined || lockClass.waiting.size === 0) return;
  if (lockClass.access === 'write') attempt.waiters.add(lockClass);
  else wakeFirst(lockClass, lane);
}

/** The attempt is settled: of those that waited for it, the first of each lane is ready again. */
export function releaseWaiters(attempt: Attempt): void {
  for (const lockClass of attempt.waiters) wake(lockClass);
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
  if (node.status.kind === 'ready') {
    node.lane.ready.remove(node);
    // It may have been the one of its class that was to go next.
    if (node.lockClass !== undefined) wake(node.lockClass);
  } else if (node.status.kind === 'blocked') {
    const queue = node.lockClass?.waiting.get(node.lane);
    queue?.remove(node);
    if (queue?.size === 0) node.lockClass?.waiting.delete(node.lane);
  }
}
