import { z } from 'zod';
import { severitySchema } from './severity.js';

/** Why an attempt failed. */
export const failureReasonSchema = z.enum([
  'exit', // its command ended with another code than 0
  'signal', // its command was ended by a signal that was not ours
  'reported', // a TASK_FAILED was accepted for it
  'not-accepted', // the task's `accept` command said no
  'no-output', // what it printed could not be put where its output is expected
  'no-verdict', // it was to review, and what it printed holds no verdict
  'conflict', // it asked for a file that another held, and its plan has such attempts ended
  'deadlock', // it waited in a circle, and was the one to give way
  'not-started', // the command could not be started
  'stalled', // it had shown signs of progress and then showed none for `heartbeat_timeout`
]);
export type FailureReason = z.infer<typeof failureReasonSchema>;

/** What a reviewer found. */
export const issueSchema = z.strictObject({
  severity: severitySchema,
  /** `path`, `path:line`, or whatever the reviewer gave as the place. */
  location: z.string(),
  issue: z.string(),
  suggestion: z.string().optional(),
});
export type Issue = z.infer<typeof issueSchema>;

/** A reviewer's last word. */
export const verdictSchema = z.strictObject({
  approved: z.boolean(),
  summary: z.string(),
  issues: z.array(issueSchema),
});
export type Verdict = z.infer<typeof verdictSchema>;

/** How an attempt ended. */
export const outcomeSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('complete'),
    commit: z.string().optional(),
    warning: z.string().optional(),
    /** What it said of its work, where its plan has tasks say so. */
    summary: z.string().optional(),
    /** Of an attempt that reviewed. */
    verdict: verdictSchema.optional(),
  }),
  z.strictObject({ kind: z.literal('failed'), reason: failureReasonSchema, message: z.string() }),
  z.strictObject({ kind: z.literal('timed-out'), message: z.string() }),
  z.strictObject({ kind: z.literal('cancelled'), message: z.string() }),
  z.strictObject({ kind: z.literal('lost'), message: z.string() }),
]);
export type Outcome = z.infer<typeof outcomeSchema>;

/** What the worker saw of the command's end; absent for an attempt whose worker died. */
export const exitSchema = z.strictObject({
  code: z.int().nullable(),
  signal: z.string().nullable(),
  durationMs: z.number().nonnegative(),
});
export type Exit = z.infer<typeof exitSchema>;

/** How a task ended. A task ends once; only an operator's `retry` reopens it. */
export const endSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('complete') }),
  z.strictObject({ kind: z.literal('failed'), message: z.string() }),
  z.strictObject({ kind: z.literal('skipped'), cause: z.string() }),
  z.strictObject({ kind: z.literal('cancelled'), message: z.string() }),
]);
export type End = z.infer<typeof endSchema>;
