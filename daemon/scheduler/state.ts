import type { StopReason } from '../../bus-schema/fact.js';
import type { AttemptId, RunId, TaskId, Token, WorkerId } from '../../bus-schema/ids.js';
import type { End, Exit, Outcome } from '../../bus-schema/outcome.js';
import type { Plan, Task } from '../../bus-schema/plan.js';
import type { RepoPath } from '../../bus-schema/repo-path.js';
import { Heap, type Placed } from './heap.js';

/**
 * Everything the scheduler knows. It is what the journal's facts fold to: only `evolve` changes it, and it can be made
 * anew from the journal at any time.
 */
export interface State {
  /** Sequence number of the last record that was folded in. */
  seq: number;
  /** Bus time of that record, in milliseconds. */
  at: number;
  /** Whence tokens and jitter are drawn. */
  seed: string;
  /** Boot of the machine under which the present daemon runs. */
  bootId: string;
  /** Attempts at once, over all runs. */
  maxParallel: number;
  paused: boolean;
  draining: boolean;
  readonly runs: Map<RunId, Run>;
  /** Runs that have not ended, in the order they came. */
  readonly active: Set<Run>;
  /** Attempts that are not settled: each holds a slot and its task's locks. */
  readonly attempts: Map<AttemptId, Attempt>;
  readonly slots: Map<WorkerId, Attempt>;
  /** The task that each worker had last. */
  readonly lately: Map<WorkerId, TaskNode>;
  /** Tasks that wait for their next attempt, the earliest first. */
  readonly backoffs: Heap<TaskNode>;
  readonly lockClasses: Map<string, LockClass>;
}

/** One execution of a plan. */
export interface Run {
  readonly id: RunId;
  /** Runs count up: of two equal tasks, that of the earlier run goes first. */
  readonly ordinal: number;
  readonly plan: Plan;
  readonly planDigest: string;
  readonly workDigest: string;
  readonly startedAt: number;
  readonly startedWall: string;
  readonly nodes: readonly TaskNode[];
  readonly byId: ReadonlyMap<TaskId, TaskNode>;
  /** Ready tasks by task type, each lane with its own limit; tasks without a type share one without. */
  readonly lanes: Map<string, Lane>;
  /** Tasks that have not ended, and those that have, by how. */
  open: number;
  readonly tally: Record<End['kind'], number>;
  running: number;
  attemptsStarted: number;
  paused: boolean;
  /** Set once nothing more of the run is to be started. */
  stopping: { readonly reason: 'cancelled' | 'failure'; readonly message: string } | undefined;
  ended:
    { readonly verdict: 'PASS' | 'FAIL' | 'STOPPED'; readonly at: number; readonly wall: string } | undefined;
  /** With `schedule: waves`: open tasks by wave, and the wave that may run. */
  readonly waves: { readonly open: number[]; current: number } | undefined;
}

export interface Lane {
  readonly limit: number;
  readonly ready: Heap<TaskNode>;
  running: number;
}

/**
 * Tasks that declare the same files in the same way. They wait together: when their file comes free, only the first of
 * each lane is looked at again, so ten thousand tasks that share a file cost no more than ten.
 */
export interface LockClass {
  readonly paths: readonly RepoPath[];
  readonly access: 'write' | 'read';
  readonly waiting: Map<Lane, Heap<TaskNode>>;
}

/** A task in its run. Each state has only what is true in it. */
export interface TaskNode extends Placed {
  readonly run: Run;
  readonly task: Task;
  readonly ordinal: number;
  readonly lane: Lane;
  readonly lockClass: LockClass | undefined;
  /** Longest chain that begins here, in milliseconds. */
  readonly rank: number;
  readonly wave: number;
  readonly dependents: TaskNode[];
  /** Dependencies that have not completed: ready at zero, a count and never a search. */
  blockers: number;
  /** Attempts started so far, and how many of them were before an operator reopened the task. */
  attempts: number;
  forgiven: number;
  status: TaskStatus;
  last: LastAttempt | undefined;
}

export type TaskStatus =
  /** Marked as done in its plan. */
  | { readonly kind: 'before' }
  /** Has unfinished dependencies, or its wave has not come. */
  | { readonly kind: 'waiting' }
  /** In its lane, waits for a slot. */
  | { readonly kind: 'ready' }
  /** With its lock class, waits for a file. */
  | { readonly kind: 'blocked' }
  | { readonly kind: 'running'; readonly attempt: Attempt }
  /** Among the backoffs, holds nothing. */
  | { readonly kind: 'backoff'; readonly retryAt: number }
  | { readonly kind: 'ended'; readonly end: End };

/** An execution of a task that is not settled. */
export interface Attempt {
  readonly id: AttemptId;
  readonly node: TaskNode;
  readonly number: number;
  readonly worker: WorkerId;
  readonly token: Token;
  readonly startedAt: number;
  readonly startedWall: string;
  /** Epoch milliseconds; compared with the age of outside drops. */
  readonly wallAt: number;
  readonly bootId: string;
  /** Outcome told by an outside drop while the command runs on, and the file that told it. */
  reported:
    | {
        readonly outcome: Outcome;
        readonly source: { readonly file: string; readonly inode: number; readonly mtimeMs: number };
      }
    | undefined;
  /** Why it is being ended. */
  stopping: StopReason | undefined;
  /** Lock classes whose tasks found a file held by this attempt. */
  readonly waiters: Set<LockClass>;
}

/** How the latest settled attempt of a task went. */
export interface LastAttempt {
  readonly id: AttemptId;
  readonly worker: WorkerId;
  readonly outcome: Outcome;
  readonly exit: Exit | undefined;
  readonly reported: Attempt['reported'];
  readonly wallAt: number;
  readonly startedAt: number;
  readonly startedWall: string;
  readonly settledAt: number;
  readonly settledWall: string;
}

export function emptyState(): State {
  return {
    seq: 0,
    at: 0,
    seed: '',
    bootId: '',
    maxParallel: 1,
    paused: false,
    draining: false,
    runs: new Map(),
    active: new Set(),
    attempts: new Map(),
    slots: new Map(),
    lately: new Map(),
    backoffs: new Heap(retriesBefore),
    lockClasses: new Map(),
  };
}

/** Urgent first, then the longest chain, then the earlier run, then the plan's own order. */
export function goesBefore(a: TaskNode, b: TaskNode): boolean {
  if (a.task.priority !== b.task.priority) return a.task.priority < b.task.priority;
  if (a.rank !== b.rank) return a.rank > b.rank;
  if (a.run !== b.run) return a.run.ordinal < b.run.ordinal;
  return a.ordinal < b.ordinal;
}

function retriesBefore(a: TaskNode, b: TaskNode): boolean {
  const [x, y] = [retryAt(a), retryAt(b)];
  return x === y ? goesBefore(a, b) : x < y;
}

function retryAt(node: TaskNode): number {
  return node.status.kind === 'backoff' ? node.status.retryAt : Infinity;
}
