import type { StopReason } from '../../bus-schema/fact.js';
import type { AttemptId, RunId, TaskId, Token, WorkerId } from '../../bus-schema/ids.js';
import type { End, Exit, Outcome, Verdict } from '../../bus-schema/outcome.js';
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
  /** Runs that were ever taken in: what counts them up goes on when some are pruned. */
  admitted: number;
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
  /** Attempts that wait for a file they asked for at run time, in the order of their waiting. */
  readonly waiting: Set<Attempt>;
  /** Locks of programs that run outside of our attempts, by path. */
  readonly outsiders: Map<RepoPath, OutsideLock>;
}

/** One execution of a plan. */
export interface Run {
  readonly id: RunId;
  /** Runs count up: of two equal tasks, that of the earlier run goes first. */
  readonly ordinal: number;
  readonly plan: Plan;
  readonly planDigest: string;
  readonly workDigest: string;
  /** Number of the record that took it in: no fact about it stands before that. */
  readonly seq: number;
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
  /** Workers that had at least one attempt of it. */
  readonly workers: Set<WorkerId>;
  /** Outside drops that told an outcome which counted: inode and time of each. */
  readonly heard: Set<string>;
  paused: boolean;
  /** Set once nothing more of the run is to be started. */
  stopping: { readonly reason: 'cancelled' | 'failure'; readonly message: string } | undefined;
  ended:
    { readonly verdict: 'PASS' | 'FAIL' | 'STOPPED'; readonly at: number; readonly wall: string } | undefined;
  /** With `schedule: waves`: open tasks by wave, and the wave that may run. */
  readonly waves: { readonly open: number[]; current: number } | undefined;
  /** Tasks of the priority without which the run makes no sense. */
  readonly vital: { open: number; complete: number };
  /** Tasks that met a conflict and come again when nothing else is left to run. */
  readonly deferred: Set<TaskNode>;
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
  readonly key: string;
  /** So many tasks are of it; without any it is forgotten. */
  users: number;
  readonly paths: readonly RepoPath[];
  readonly access: 'write' | 'read';
  readonly waiting: Map<Lane, Heap<TaskNode>>;
}

/** A task in its run. Each state has only what is true in it. */
export interface TaskNode extends Placed {
  readonly run: Run;
  readonly task: Task;
  readonly ordinal: number;
  /** What of the task is to be done next, or is being done: the work itself, then reviews and fixes in turn. */
  stage: Stage;
  /** Those of the present stage. */
  lane: Lane;
  lockClass: LockClass | undefined;
  /** Longest chain that begins here, in milliseconds. */
  readonly rank: number;
  readonly wave: number;
  readonly dependents: TaskNode[];
  /** Dependencies that have not completed: ready at zero, a count and never a search. */
  blockers: number;
  /** Attempts started so far, and how many of them were before an operator reopened the task. */
  attempts: number;
  forgiven: number;
  /** How often it met a conflict and was put off. */
  deferrals: number;
  status: TaskStatus;
  /** When its first attempt began, by the wall's time. */
  firstWallAt: number | undefined;
  last: LastAttempt | undefined;
  /** The last one that was no review. */
  lastWork: LastAttempt | undefined;
  /** Reviews so far, and what the latest said. */
  reviewed: { readonly rounds: number; readonly verdict: Verdict } | undefined;
}

export type Stage = 'work' | 'review' | 'fix';

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
  /** Met a conflict, holds nothing, and lets all others of its run go first. */
  | { readonly kind: 'deferred' }
  | { readonly kind: 'ended'; readonly end: End };

/** An execution of a task that is not settled. */
export interface Attempt {
  readonly id: AttemptId;
  readonly node: TaskNode;
  readonly number: number;
  readonly stage: Stage;
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
  /** Paths that it asked for while it runs, and has. */
  readonly locks: Map<RepoPath, RunLock>;
  /** Paths that it asked for and waits for. */
  wants: { readonly paths: readonly RepoPath[]; readonly since: number } | undefined;
}

export interface RunLock {
  readonly since: string;
  /** The name under which its agent wrote itself into `locks.json`. */
  readonly as: string | undefined;
}

/** A lock of a program that is no attempt of ours; unlike ours it ends with the clock. */
export interface OutsideLock {
  readonly worker: string;
  readonly path: RepoPath;
  readonly expiresAt: number;
  /** The same instant and that of its taking by the wall, for the view. */
  readonly expiresWall: string;
  readonly acquiredWall: string;
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
    admitted: 0,
    active: new Set(),
    attempts: new Map(),
    slots: new Map(),
    lately: new Map(),
    backoffs: new Heap(retriesBefore),
    lockClasses: new Map(),
    waiting: new Set(),
    outsiders: new Map(),
  };
}

/** Urgent first, then what has begun, then the longest chain, then the earlier run, then the plan's own order. */
export function goesBefore(a: TaskNode, b: TaskNode): boolean {
  if (a.task.priority !== b.task.priority) return a.task.priority < b.task.priority;
  // What has begun is brought to its end first.
  if ((a.stage === 'work') !== (b.stage === 'work')) return b.stage === 'work';
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
