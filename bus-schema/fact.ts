import { z } from 'zod';
import { FACT_VERSION, PRUNED_VERSION } from './fact-version.js';
import { attemptIdSchema, runIdSchema, taskIdSchema, tokenSchema, workerIdSchema } from './ids.js';
import { endSchema, exitSchema, outcomeSchema } from './outcome.js';
import type { Plan } from './plan.js';
import type { RepoPath } from './repo-path.js';

/** Why an attempt is being ended before its command ended by itself. */
export const stopReasonSchema = z.enum([
  'timeout',
  'stalled',
  'cancelled',
  'stopped',
  'reported',
  'conflict',
  'deadlock',
]);
export type StopReason = z.infer<typeof stopReasonSchema>;

/** An outcome that an outside drop gave, and which file it was: the same file never counts twice. */
export const reportSourceSchema = z.strictObject({
  file: z.string(),
  inode: z.number(),
  mtimeMs: z.number(),
});

/** Who wanted runs to be pruned: an operator, or the retention in the config. */
export const PRUNE_REASONS = ['asked', 'retention'] as const;
export type PruneReason = (typeof PRUNE_REASONS)[number];

const runId = runIdSchema;
const taskId = taskIdSchema;
const attemptId = attemptIdSchema;
const paths = z.array(z.custom<RepoPath>(value => typeof value === 'string' && value.length > 0));
/** Of locks asked for at run time: whose they are. */
const asker = { run: runId, task: taskId, attempt: attemptId, worker: workerIdSchema };

/**
 * What happened: the only things that are journalled, and all that recovery needs. A fact says what was decided, so
 * that a later change of the rules never changes what an old journal means.
 */
export const factSchema = z.discriminatedUnion('type', [
  /** A daemon took the bus. Attempts of an earlier boot cannot be running any more. */
  z.strictObject({
    type: z.literal('DaemonStarted'),
    bootId: z.string(),
    pid: z.int(),
    version: z.string(),
    seed: z.string(),
    maxParallel: z.int().positive(),
  }),
  /** A run was taken in; its plan stands in `runs/<run>/plan.json`, known by its digest. */
  z.strictObject({
    type: z.literal('RunSubmitted'),
    run: runId,
    planDigest: z.string(),
    workDigest: z.string(),
  }),
  /** The attempt may be started, from now on and not before. */
  z.strictObject({
    type: z.literal('AttemptStarted'),
    run: runId,
    task: taskId,
    attempt: attemptId,
    number: z.int().positive(),
    worker: workerIdSchema,
    token: tokenSchema,
    /** Wall time, epoch milliseconds: outside drops that are older do not mean this attempt. */
    wallAt: z.number(),
    /** What of its task it does; absent for the work itself. */
    stage: z.enum(['review', 'fix']).optional(),
  }),
  /** A ready task found one of its files held, by an attempt or by a worker that is none of ours, and waits for it. */
  z.strictObject({
    type: z.literal('TaskBlocked'),
    run: runId,
    task: taskId,
    holder: z.string().min(1),
    path: z.string(),
  }),
  /** The attempt asked for these while it runs, and has them until it gives them back or is settled. */
  z.strictObject({
    type: z.literal('LocksTaken'),
    ...asker,
    paths,
    /** The name under which its agent wrote itself into `locks.json`. */
    as: z.string().min(1).optional(),
    /** Wall time at which its timeout ends it: a label. */
    until: z.string(),
  }),
  /** It asked for these, and something of them is held; it waits until all are free. */
  z.strictObject({
    type: z.literal('LocksAwaited'),
    ...asker,
    paths,
    holder: z.string().min(1),
    path: z.string(),
  }),
  /** Given back; or, of `withdrawn`, no longer waited for. */
  z.strictObject({ type: z.literal('LocksReleased'), ...asker, paths, withdrawn: paths }),
  /** Attempts waited for each other in a circle; this one of them is ended. */
  z.strictObject({ type: z.literal('DeadlockResolved'), ...asker, cycle: z.array(attemptId) }),
  /** A program outside of our attempts wrote a lock into `locks.json`, and it is honoured. Taken again, it lasts longer. */
  z.strictObject({
    type: z.literal('OutsideLockTaken'),
    worker: z.string().min(1),
    path: z.string().min(1),
    /** Bus time in milliseconds. */
    expiresAt: z.number(),
    acquiredWall: z.string(),
  }),
  z.strictObject({
    type: z.literal('OutsideLockReleased'),
    worker: z.string().min(1),
    path: z.string().min(1),
    why: z.enum(['released', 'expired']),
  }),
  /** An outside drop told the outcome while the command still runs. The first one counts. */
  z.strictObject({
    type: z.literal('OutcomeReported'),
    run: runId,
    task: taskId,
    attempt: attemptId,
    outcome: outcomeSchema,
    source: reportSourceSchema,
  }),
  /** The attempt is to be ended, its whole process tree with it. */
  z.strictObject({
    type: z.literal('AttemptStopping'),
    run: runId,
    task: taskId,
    attempt: attemptId,
    reason: stopReasonSchema,
  }),
  /** The attempt's processes are gone and this is how it ended; its slot and locks are free. */
  z.strictObject({
    type: z.literal('AttemptSettled'),
    run: runId,
    task: taskId,
    attempt: attemptId,
    outcome: outcomeSchema,
    exit: exitSchema.optional(),
  }),
  z.strictObject({
    type: z.literal('RetryScheduled'),
    run: runId,
    task: taskId,
    /** Bus time in milliseconds from which the next attempt may start. */
    retryAt: z.number(),
    delayMs: z.number(),
  }),
  z.strictObject({ type: z.literal('RetryDue'), run: runId, task: taskId }),
  /** The attempt met a conflict and was ended for it; the task comes again when nothing else of its run is left to run. */
  z.strictObject({ type: z.literal('TaskDeferred'), run: runId, task: taskId }),
  z.strictObject({ type: z.literal('DeferredDue'), run: runId, task: taskId }),
  /** The task's work is done and is now to be reviewed, or what a review found is to be mended. */
  z.strictObject({
    type: z.literal('StageBegun'),
    run: runId,
    task: taskId,
    stage: z.enum(['review', 'fix']),
    /** Which review it is, or which review's issues are to be mended: from 1. */
    round: z.int().positive(),
    /** The attempt that brought the task here. */
    after: attemptId,
  }),
  /** The task's one end. `unblocks` are the tasks that became ready by it. */
  z.strictObject({
    type: z.literal('TaskEnded'),
    run: runId,
    task: taskId,
    end: endSchema,
    unblocks: z.array(taskId),
  }),
  /** An operator asked for another chance; the tasks skipped for its sake wait for it again. */
  z.strictObject({ type: z.literal('TaskReopened'), run: runId, task: taskId, revives: z.array(taskId) }),
  /** Nothing of the run is started any more; what runs is ended. */
  z.strictObject({
    type: z.literal('RunStopping'),
    run: runId,
    reason: z.enum(['cancelled', 'failure']),
    message: z.string(),
  }),
  /** With `schedule: waves`: all of the waves before have ended, these tasks may start. */
  z.strictObject({
    type: z.literal('WaveStarted'),
    run: runId,
    wave: z.int().nonnegative(),
    unblocks: z.array(taskId),
  }),
  z.strictObject({ type: z.literal('RunEnded'), run: runId, verdict: z.enum(['PASS', 'FAIL', 'STOPPED']) }),
  /** Finished runs were forgotten, with all facts about them that stand before this one. */
  z.strictObject({ type: z.literal('RunsPruned'), runs: z.array(runId).min(1), why: z.enum(PRUNE_REASONS) }),
  z.strictObject({ type: z.literal('Paused'), run: runId.optional() }),
  z.strictObject({ type: z.literal('Resumed'), run: runId.optional() }),
  z.strictObject({ type: z.literal('LimitSet'), maxParallel: z.int().positive() }),
  /** Nothing new is started until the daemon ends; a daemon started later does not remember it. */
  z.strictObject({ type: z.literal('DrainStarted') }),
  /** A worker's process is gone; another will serve under its id. */
  z.strictObject({ type: z.literal('WorkerLost'), worker: workerIdSchema, message: z.string() }),
]);
type JournalledFact = z.infer<typeof factSchema>;

/** A fact as the scheduler sees it: a submission carries its plan, which the journal keeps beside itself. */
export type Fact =
  | Exclude<JournalledFact, { type: 'RunSubmitted' }>
  | (Extract<JournalledFact, { type: 'RunSubmitted' }> & { plan: Plan });
export type FactOf<T extends Fact['type']> = Extract<Fact, { type: T }>;

/** One decision, applied whole or not at all: one line of the journal. */
export interface JournalRecord {
  readonly seq: number;
  /** Bus time in milliseconds: never goes back, stands still while no daemon runs. */
  readonly at: number;
  /** Wall time as UTC ISO 8601: a label. */
  readonly wall: string;
  readonly facts: readonly Fact[];
  /** The number of the record before it, where runs were pruned between the two: a gap that is meant. */
  readonly after?: number;
}

/** A record as it stands in the file, plans taken out. */
export const journalRecordSchema = z.strictObject({
  v: z.union([z.literal(FACT_VERSION), z.literal(PRUNED_VERSION)]),
  seq: z.int().positive(),
  after: z.int().nonnegative().optional(),
  at: z.number(),
  wall: z.string(),
  /** None are left where all were of pruned runs, and the record only says how far the journal had come. */
  facts: z.array(factSchema),
});
export type JournalledRecord = z.infer<typeof journalRecordSchema>;
