import { z } from 'zod';
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
      /** Beginning of the last attempt, counted from the run's own. */
      startedMs: z.number().optional(),
      /** Of the last attempt. */
      durationMs: z.number().optional(),
      worker: z.string().optional(),
      log: z.string().optional(),
      commit: z.string().optional(),
    }),
  ),
});
export type RunReport = z.infer<typeof runReportSchema>;
