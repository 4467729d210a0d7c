import { z } from 'zod';
import { issueSchema } from './outcome.js';
import { formatSchema } from './plan.js';

/** `runs/<run-id>/report.json`: how a run ended, task by task. */
export const runReportSchema = z.strictObject({
  run: z.string(),
  name: z.string(),
  format: formatSchema,
  track: z.string().optional(),
  verdict: z.enum(['PASS', 'FAIL', 'STOPPED']),
  startedAt: z.string(),
  endedAt: z.string(),
  durationMs: z.number(),
  maxParallel: z.int(),
  attemptsStarted: z.int(),
  /** Workers that had at least one attempt. */
  workersUsed: z.int(),
  /** The number that a wave gave itself. */
  wave: z.int().optional(),
  counts: z.strictObject({
    total: z.int(),
    /** Marked as done in the plan; not run. */
    before: z.int(),
    complete: z.int(),
    failed: z.int(),
    skipped: z.int(),
    cancelled: z.int(),
  }),
  tasks: z.array(
    z.strictObject({
      id: z.string(),
      title: z.string(),
      end: z.enum(['before', 'complete', 'failed', 'skipped', 'cancelled']),
      /** Failed: what failed. Skipped: the task it was skipped for. */
      cause: z.string().optional(),
      /** From 1: all that a task depends on stands in earlier waves. */
      wave: z.int().positive().optional(),
      /** Whom the plan names for it. */
      agent: z.string().optional(),
      /** Where its output is expected, and how the plan says that. */
      output: z.string().optional(),
      askedOutput: z.string().optional(),
      attempts: z.int(),
      /** Beginning of the last attempt that was no review, counted from the run's own. */
      startedMs: z.number().optional(),
      /** Of the same attempt. */
      durationMs: z.number().optional(),
      worker: z.string().optional(),
      log: z.string().optional(),
      commit: z.string().optional(),
      /** The plan's group that it belongs to. */
      group: z.string().optional(),
      /** What it said of its work. */
      summary: z.string().optional(),
      /** How its reviews went: how many there were, what the last one said, and what it left. */
      review: z
        .strictObject({ rounds: z.int(), approved: z.boolean(), remaining: z.array(issueSchema) })
        .optional(),
    }),
  ),
});
export type RunReport = z.infer<typeof runReportSchema>;
