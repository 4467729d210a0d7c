import type { Fact, FactOf, JournalRecord } from '../../bus-schema/fact.js';
import type { TaskId } from '../../bus-schema/ids.js';
import type { Plan, Task } from '../../bus-schema/plan.js';
import { remainingPaths } from './critical-path.js';
import { Heap } from './heap.js';
import { joinLockClass } from './lock.js';
import type { Message } from './message.js';
import { goesBefore, type Lane, type Run, type State, type TaskNode } from './state.js';

/** Takes a run in. The same run twice is one run: a submission may be repeated after a crash. */
export function submit(state: State, message: Extract<Message, { type: 'Submit' }>): readonly Fact[] {
  const { run, plan, planDigest, workDigest } = message;
  if (state.runs.has(run)) return [];
  const facts: Fact[] = [{ type: 'RunSubmitted', run, plan, planDigest, workDigest }];
  const open = plan.tasks.filter(task => !task.done);
  if (open.length === 0) return [...facts, { type: 'RunEnded', run, verdict: 'PASS' }];
  if (plan.settings.schedule === 'waves') {
    const levels = wavesOf(plan.tasks);
    const wave = open.reduce((first, task) => Math.min(first, levels.get(task.id) ?? 0), Infinity);
    const done = new Set(plan.tasks.flatMap(task => (task.done ? [task.id] : [])));
    const unblocks = open.flatMap(task =>
      levels.get(task.id) === wave && task.dependsOn.every(id => done.has(id)) ? [task.id] : [],
    );
    facts.push({ type: 'WaveStarted', run, wave, unblocks });
  }
  return facts;
}

/** Builds the run's graph from its plan: linear in tasks and dependencies. */
export function admitRun(state: State, fact: FactOf<'RunSubmitted'>, record: JournalRecord): void {
  const { plan } = fact;
  const nodes: TaskNode[] = [];
  const byId = new Map<TaskId, TaskNode>();
  const run: Run = {
    id: fact.run,
    ordinal: state.admitted++,
    plan,
    planDigest: fact.planDigest,
    workDigest: fact.workDigest,
    seq: record.seq,
    startedAt: record.at,
    startedWall: record.wall,
    nodes,
    byId,
    lanes: new Map(),
    open: plan.tasks.filter(task => !task.done).length,
    tally: { complete: 0, failed: 0, skipped: 0, cancelled: 0 },
    running: 0,
    attemptsStarted: 0,
    workers: new Set(),
    heard: new Set(),
    paused: false,
    stopping: undefined,
    ended: undefined,
    waves: plan.settings.schedule === 'waves' ? { open: [], current: -1 } : undefined,
    vital: { open: plan.tasks.filter(task => !task.done && isVital(plan, task)).length, complete: 0 },
    deferred: new Set(),
  };
  state.runs.set(run.id, run);
  state.active.add(run);
  addNodes(state, run, nodes, byId);
  for (const node of nodes) linkNode(node, byId);
  for (const node of nodes) if (isReady(node)) makeReady(node);
}

function addNodes(state: State, run: Run, nodes: TaskNode[], byId: Map<TaskId, TaskNode>): void {
  const { tasks } = run.plan;
  const ranks = remainingPaths(tasks, dependentsOf(tasks));
  const levels = wavesOf(tasks);
  for (const [ordinal, task] of tasks.entries()) {
    const wave = levels.get(task.id) ?? 0;
    const node: TaskNode = {
      run,
      task,
      ordinal,
      stage: 'work',
      lane: laneOf(run, task.type),
      lockClass: joinLockClass(state, task.files, task.access),
      rank: ranks[ordinal] ?? 0,
      wave,
      dependents: [],
      blockers: 0,
      attempts: 0,
      forgiven: 0,
      deferrals: 0,
      status: task.done ? { kind: 'before' } : { kind: 'waiting' },
      firstWallAt: undefined,
      last: undefined,
      lastWork: undefined,
      reviewed: undefined,
      place: -1,
    };
    nodes.push(node);
    byId.set(task.id, node);
    if (run.waves !== undefined && !task.done) run.waves.open[wave] = (run.waves.open[wave] ?? 0) + 1;
  }
}

function linkNode(node: TaskNode, byId: ReadonlyMap<TaskId, TaskNode>): void {
  for (const id of node.task.dependsOn) {
    const dependency = byId.get(id);
    if (dependency === undefined)
      throw new Error(`Internal error: task ${node.task.id} depends on ${id}, which is not there`);
    dependency.dependents.push(node);
    if (dependency.status.kind !== 'before') node.blockers++;
  }
}

/** One lane for each task type; a type that the plan does not limit has no end. */
export function laneOf(run: Run, type: string | undefined): Lane {
  const name = type ?? '';
  let lane = run.lanes.get(name);
  if (lane === undefined) {
    const { limits } = run.plan;
    const limit = type !== undefined && Object.hasOwn(limits, type) ? (limits[type] ?? Infinity) : Infinity;
    run.lanes.set(name, (lane = { limit, ready: new Heap(goesBefore), running: 0 }));
  }
  return lane;
}

/** Whether the run is stopped when this task and all that are as urgent have failed. */
export function isVital(plan: Plan, task: Task): boolean {
  return task.priority === plan.settings.vital;
}

/** Nothing is missing but a slot and its files. */
export function isReady(node: TaskNode): boolean {
  const { waves } = node.run;
  return (
    node.status.kind === 'waiting' &&
    node.blockers === 0 &&
    (waves === undefined || node.wave <= waves.current)
  );
}

export function makeReady(node: TaskNode): void {
  node.status = { kind: 'ready' };
  node.lane.ready.push(node);
}

function dependentsOf(tasks: readonly Task[]): number[][] {
  const ordinals = new Map(tasks.map((task, ordinal) => [task.id, ordinal]));
  const dependents = tasks.map((): number[] => []);
  for (const [ordinal, task] of tasks.entries()) {
    for (const id of task.dependsOn) dependents[ordinals.get(id) ?? -1]?.push(ordinal);
  }
  return dependents;
}

/** The wave of each task: the one its plan gives it, else the first behind all that it depends on. */
export function wavesOf(tasks: Plan['tasks']): Map<TaskId, number> {
  const levels = levelsOf(tasks);
  for (const task of tasks) if (task.wave !== undefined) levels.set(task.id, task.wave);
  return levels;
}

/** How many dependencies stand one behind the other before each task. */
export function levelsOf(tasks: Plan['tasks']): Map<TaskId, number> {
  const dependents = dependentsOf(tasks);
  const missing = tasks.map(task => task.dependsOn.length);
  const level = new Array<number>(tasks.length).fill(0);
  const settled = missing.flatMap((count, ordinal) => (count === 0 ? [ordinal] : []));
  for (let ordinal = settled.pop(); ordinal !== undefined; ordinal = settled.pop()) {
    for (const dependent of dependents[ordinal] ?? []) {
      level[dependent] = Math.max(level[dependent] ?? 0, (level[ordinal] ?? 0) + 1);
      const left = (missing[dependent] ?? 0) - 1;
      missing[dependent] = left;
      if (left === 0) settled.push(dependent);
    }
  }
  return new Map(tasks.map((task, ordinal) => [task.id, level[ordinal] ?? 0]));
}
