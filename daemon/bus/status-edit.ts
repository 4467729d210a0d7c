import { z } from 'zod';
import { decodeJson } from '../../bus-schema/codec.js';

/** What another program says of a worker in `worker-status.json`; the forms differ, so all but the task may be missing. */
export interface StatusEntry {
  readonly worker: string;
  readonly task: string;
  readonly progress: number | undefined;
  /** Equal for entries that say the same: whoever changes his entry, lives. */
  readonly text: string;
  /** The entry as it is. */
  readonly raw: Readonly<Record<string, unknown>>;
}

const entrySchema = z.looseObject({
  task_id: z.string().min(1).max(200),
  progress_pct: z.number().min(0).max(100).optional().catch(undefined),
});

/** The entries of a rewritten `worker-status.json` that can be understood; none for text that is no JSON object. */
export function readStatusEdit(text: string): StatusEntry[] {
  const decoded = decodeJson(text, z.record(z.string(), z.unknown()));
  if (!decoded.ok) return [];
  return Object.entries(decoded.value).flatMap(([worker, value]) => {
    const entry = entrySchema.safeParse(value);
    if (!entry.success) return [];
    const { task_id: task, progress_pct: progress } = entry.data;
    return [{ worker, task, progress, text: JSON.stringify(value), raw: entry.data }];
  });
}
