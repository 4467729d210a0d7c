import { z } from 'zod';

/** Why an attempt failed. */
export const failureReasonSchema = z.enum([
  'exit', // its command ended with another code than 0
  'signal', // its command was ended by a signal that was not ours
  'reported', // a TASK_FAILED was accepted for it
  'not-accepted', // the task's `accept` command said no
  'no-output', // what it printed could not be put where its output is expected
  'not-started', // the command could not be started
  'stalled', // it had shown signs of progress and then showed none for `heartbeat_timeout`
]);
export type FailureReason = z.infer<typeof failureReasonSchema>;

/** How an attempt ended. */
export const outcomeSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('complete'),
    commit: z.string().optional(),
    warning: z.string().optional(),
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
