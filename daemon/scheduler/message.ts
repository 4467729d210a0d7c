import type { PruneReason } from '../../bus-schema/fact.js';
import type { AttemptId, RunId, TaskId, WorkerId } from '../../bus-schema/ids.js';
import type { Exit, Outcome } from '../../bus-schema/outcome.js';
import type { Plan } from '../../bus-schema/plan.js';
import type { RepoPath } from '../../bus-schema/repo-path.js';

/** What came in: everything the scheduler ever learns, time included. */
export type Message =
  | {
      readonly type: 'Boot';
      readonly bootId: string;
      readonly pid: number;
      readonly version: string;
      readonly seed: string;
      readonly maxParallel: number;
    }
  | {
      readonly type: 'Submit';
      readonly run: RunId;
      readonly plan: Plan;
      readonly planDigest: string;
      readonly workDigest: string;
    }
  /** Time has passed. */
  | { readonly type: 'Tick' }
  /** Is there something that can be started, or a file that can be given to who waits for it? Asked until the answer is no. */
  | { readonly type: 'Dispatch' }
  /** An outside drop tells how an attempt ends; its processes may still run. */
  | {
      readonly type: 'Reported';
      readonly attempt: AttemptId;
      readonly outcome: Outcome;
      readonly source: DropSource;
    }
  /** The attempt's processes are gone. */
  | { readonly type: 'Exited'; readonly attempt: AttemptId; readonly outcome: Outcome; readonly exit?: Exit }
  | { readonly type: 'Stalled'; readonly attempt: AttemptId }
  | LockMessage
  | { readonly type: 'WorkerLost'; readonly worker: WorkerId; readonly message: string }
  | { readonly type: 'Cancel'; readonly run: RunId; readonly task?: TaskId }
  /** What the run needs around it is gone. */
  | { readonly type: 'Abandon'; readonly run: RunId; readonly message: string }
  | { readonly type: 'Retry'; readonly run: RunId; readonly task: TaskId }
  /** Finished runs are to be forgotten. */
  | { readonly type: 'Prune'; readonly runs: readonly RunId[]; readonly why: PruneReason }
  | { readonly type: 'Pause'; readonly run?: RunId }
  | { readonly type: 'Resume'; readonly run?: RunId }
  | { readonly type: 'SetLimit'; readonly maxParallel: number }
  | { readonly type: 'Drain' };

/** Of locks that the plan knows nothing of. */
export type LockMessage =
  /** An attempt asks for files while it runs. */
  | {
      readonly type: 'LocksAsked';
      readonly attempt: AttemptId;
      readonly paths: readonly RepoPath[];
      /** It does not ask but says that it has them: it would not wait, so what is held is not given. */
      readonly claimed?: true;
      readonly as?: string;
    }
  | {
      readonly type: 'LocksGivenBack';
      readonly attempt: AttemptId;
      readonly paths: readonly RepoPath[] | 'all';
      /** It only stops waiting for them. */
      readonly withdraw?: true;
    }
  | {
      readonly type: 'OutsideLockSeen';
      readonly worker: string;
      readonly path: RepoPath;
      readonly expiresAt: number;
      readonly acquiredWall: string;
    }
  | {
      readonly type: 'OutsideLocksGone';
      readonly worker: string;
      readonly paths: readonly RepoPath[];
      readonly why: 'released' | 'expired';
    };

/** Which file told an outcome. */
export interface DropSource {
  readonly file: string;
  readonly inode: number;
  readonly mtimeMs: number;
}

/** When the message was taken from the inbox: bus time, and the wall's label of the same instant. */
export interface Instant {
  readonly at: number;
  readonly wallAt: number;
}
