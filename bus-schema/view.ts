import { z } from 'zod';

/** `locks.json`: who holds which path. Task and run are absent for a worker that is none of ours. */
export const locksViewSchema = z.record(
  z.string(),
  z.strictObject({
    worker_id: z.string(),
    task_id: z.string().optional(),
    run_id: z.string().optional(),
    acquired_at: z.string(),
    expires_at: z.string(),
  }),
);
export type LocksView = z.infer<typeof locksViewSchema>;

/** `worker-status.json`: what each worker does, or did last. */
export const workerStatusViewSchema = z.record(
  z.string(),
  z.strictObject({
    task_id: z.string(),
    status: z.enum(['RUNNING', 'COMPLETE', 'FAILED', 'BLOCKED']),
    progress_pct: z.number().min(0).max(100),
    started_at: z.string(),
    last_heartbeat: z.string(),
    pid: z.int().nonnegative(),
    attempt: z.string(),
  }),
);
export type WorkerStatusView = z.infer<typeof workerStatusViewSchema>;
