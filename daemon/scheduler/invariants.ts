import { overlaps } from '../../bus-schema/repo-path.js';
import type { Attempt, Run, State, TaskNode } from './state.js';
import { circleThrough, meet, wantsOf } from './wait-graph.js';

/**
 * What must always hold, each broken rule as a sentence. Looks at everything, so it is for tests and simulation, where it
 * runs after every step, and for `doctor`.
 */
export function brokenInvariants(state: State): string[] {
  return [
    ...attemptRules(state),
    ...lockRules(state),
    ...[...state.runs.values()].flatMap(run => runRules(state, run)),
  ];
}

function attemptRules(state: State): string[] {
  const broken: string[] = [];
  for (const attempt of state.attempts.values()) {
    const { status } = attempt.node;
    if (status.kind !== 'running' || status.attempt !== attempt)
      broken.push(`${attempt.id} is open, but its task is ${status.kind}`);
    if (state.slots.get(attempt.worker) !== attempt)
      broken.push(`${attempt.id} does not hold the slot of ${attempt.worker}`);
    const used = attempt.node.attempts - attempt.node.forgiven;
    if (used > attempt.node.task.retries + 1)
      broken.push(`${attempt.id} is more than the task's retries allow`);
  }
  if (state.slots.size !== state.attempts.size) broken.push('there are slots without an attempt');
  return broken;
}

function lockRules(state: State): string[] {
  const broken: string[] = [];
  const attempts = [...state.attempts.values()];
  for (const [index, a] of attempts.entries()) {
    for (const b of attempts.slice(index + 1)) {
      if (collide(a, b)) broken.push(`${a.id} and ${b.id} hold the same file`);
    }
    for (const { path, worker } of state.outsiders.values())
      if ([...a.node.task.files, ...a.locks.keys()].some(mine => overlaps(mine, path)))
        broken.push(`${a.id} and ${worker}, who is none of ours, hold the same file`);
    if (state.waiting.has(a) !== (a.wants !== undefined)) broken.push(`${a.id} waits, or does not, unknown`);
    if (a.wants !== undefined && a.stopping !== undefined)
      broken.push(`${a.id} waits while it is being ended`);
    if (circleThrough(state, a, wantsOf(a), new Set()) !== undefined)
      broken.push(`${a.id} waits in a circle`);
  }
  for (const attempt of state.waiting)
    if (!state.attempts.has(attempt.id)) broken.push(`${attempt.id} waits after its end`);
  return broken;
}

function collide(a: Attempt, b: Attempt): boolean {
  const [x, y] = [a.node.task, b.node.task];
  const [mine, theirs] = [[...a.locks.keys()], [...b.locks.keys()]];
  if (meet(mine, [...y.files, ...theirs]) || meet(x.files, theirs)) return true;
  return !(onlyReads(a) && onlyReads(b)) && meet(x.files, y.files);
}

function onlyReads({ node, stage }: Attempt): boolean {
  return stage === 'review' || node.task.access === 'read';
}

function runRules(state: State, run: Run): string[] {
  const broken = run.nodes.flatMap(node =>
    nodeRules(state, node).map(rule => `${run.id}/${node.task.id}: ${rule}`),
  );
  const count = (kinds: readonly string[]): number =>
    run.nodes.filter(node => kinds.includes(node.status.kind)).length;
  if (run.open !== run.nodes.length - count(['before', 'ended']))
    broken.push(`${run.id}: the count of open tasks is wrong`);
  const ends = Object.values(run.tally).reduce((sum, each) => sum + each, 0);
  if (ends !== count(['ended'])) broken.push(`${run.id}: the tally of ended tasks is wrong`);
  if (run.running !== count(['running'])) broken.push(`${run.id}: the count of running tasks is wrong`);
  if ((run.ended !== undefined) !== (run.open === 0))
    broken.push(`${run.id}: it has ended without its tasks, or they without it`);
  if (state.active.has(run) !== (run.ended === undefined))
    broken.push(`${run.id}: active and ended, or neither`);
  for (const [type, lane] of run.lanes) {
    const running = run.nodes.filter(node => node.lane === lane && node.status.kind === 'running').length;
    if (lane.running !== running || running > lane.limit)
      broken.push(`${run.id}: lane "${type}" runs ${running}, says ${lane.running}`);
  }
  return broken;
}

function nodeRules(state: State, node: TaskNode): string[] {
  const { status } = node;
  const broken: string[] = [];
  const unfinished = node.task.dependsOn.filter(id => !isComplete(node.run.byId.get(id))).length;
  if (node.blockers !== unfinished)
    broken.push(`${node.blockers} blockers are counted, ${unfinished} are there`);
  const begun =
    status.kind === 'ready' ||
    status.kind === 'blocked' ||
    status.kind === 'running' ||
    status.kind === 'deferred' ||
    status.kind === 'backoff';
  if (begun && unfinished > 0) broken.push(`${status.kind} before its dependencies are complete`);
  if (node.lane.ready.has(node) !== (status.kind === 'ready'))
    broken.push(`${status.kind}, and its lane says otherwise`);
  if (state.backoffs.has(node) !== (status.kind === 'backoff'))
    broken.push(`${status.kind}, and the backoffs say otherwise`);
  if (node.run.deferred.has(node) !== (status.kind === 'deferred'))
    broken.push(`${status.kind}, and the deferred say otherwise`);
  const queued = node.lockClass?.waiting.get(node.lane)?.has(node) ?? false;
  if (queued !== (status.kind === 'blocked'))
    broken.push(`${status.kind}, and its lock class says otherwise`);
  if (status.kind === 'blocked' && !willWake(state, node)) broken.push('blocked, and nobody will wake it');
  if (status.kind === 'ended' && status.end.kind === 'skipped' && !hasDeadAncestor(node))
    broken.push('skipped without a cause');
  return broken;
}

function isComplete(node: TaskNode | undefined): boolean {
  return (
    node?.status.kind === 'before' || (node?.status.kind === 'ended' && node.status.end.kind === 'complete')
  );
}

/** Its class waits for an open attempt, or another of its class and lane is ready and goes first. */
function willWake(state: State, node: TaskNode): boolean {
  const { lockClass } = node;
  if (lockClass === undefined) return false;
  for (const attempt of state.attempts.values()) if (attempt.waiters.has(lockClass)) return true;
  for (const lock of state.outsiders.values()) if (lock.waiters.has(lockClass)) return true;
  return node.run.nodes.some(
    each => each.lockClass === lockClass && each.lane === node.lane && each.status.kind === 'ready',
  );
}

function hasDeadAncestor(node: TaskNode): boolean {
  return node.task.dependsOn.some(id => {
    const { status } = node.run.byId.get(id) ?? { status: undefined };
    return status?.kind === 'ended' && status.end.kind !== 'complete';
  });
}
