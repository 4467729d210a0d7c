import { z } from 'zod';

/** The types of message that we put into the feed; unknown ones from outside are kept and passed over. */
export const messageTypeSchema = z.enum([
  'BUS_INIT',
  'RUN_SUBMITTED',
  'RUN_COMPLETE',
  'RUN_PRUNED',
  'WORKER_DISPATCHED',
  'PROGRESS',
  'TASK_COMPLETE',
  'TASK_FAILED',
  'TASK_BLOCKED',
  'TASK_SKIPPED',
  'TASK_RETRY',
  'FILE_LOCK',
  'FILE_UNLOCK',
  'BLOCKED',
  'DEADLOCK_RESOLVED',
  'WORKER_STALLED',
  'WORKER_REPLACED',
]);
export type MessageType = z.infer<typeof messageTypeSchema>;

/** The envelope of a line of `queue.jsonl` and of our event files. */
export const messageSchema = z.object({
  id: z.string(),
  type: z.string(),
  source: z.string(),
  /** UTC, ISO 8601, ending in `Z`. */
  timestamp: z.string(),
  payload: z.record(z.string(), z.unknown()),
});
export type Message = z.infer<typeof messageSchema>;

/** What we write: the type is one of ours. */
export type OwnMessage = Message & { type: MessageType };
