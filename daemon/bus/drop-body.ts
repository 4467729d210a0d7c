import { z } from 'zod';
import { decodeJson } from '../../bus-schema/codec.js';
import { exitSchema, outcomeSchema } from '../../bus-schema/outcome.js';

/**
 * What the body of an event file says. Outside writers may leave it empty or put anything in; a JSON message is looked
 * through for what we know, and whatever else it holds is passed over.
 */
export interface DropBody {
  readonly run?: string;
  readonly attempt?: string;
  readonly token?: string;
  readonly outcome?: z.infer<typeof outcomeSchema>;
  readonly exit?: z.infer<typeof exitSchema>;
  readonly progress?: number;
  readonly text: string;
}

const messageBody = z.object({
  payload: z.object({
    run_id: z.string().optional(),
    attempt_id: z.string().optional(),
    token: z.string().optional(),
    outcome: outcomeSchema.optional(),
    exit: exitSchema.optional(),
    progress_pct: z.number().min(0).max(100).optional(),
    commit_sha: z.string().optional(),
    error: z.string().optional(),
    message: z.string().optional(),
  }),
});

/** `cut` when it looks like a JSON message that is not all there yet. */
export function decodeBody(text: string): DropBody | 'cut' {
  if (!text.trimStart().startsWith('{')) return { text };
  if (!text.trimEnd().endsWith('}')) return 'cut';
  const decoded = decodeJson(text, messageBody);
  if (!decoded.ok) return { text };
  const { run_id, attempt_id, token, outcome, exit, progress_pct, commit_sha, error, message } =
    decoded.value.payload;
  return {
    ...(run_id === undefined ? {} : { run: run_id }),
    ...(attempt_id === undefined ? {} : { attempt: attempt_id }),
    ...(token === undefined ? {} : { token }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(exit === undefined ? {} : { exit }),
    ...(progress_pct === undefined ? {} : { progress: progress_pct }),
    text: commit_sha ?? error ?? message ?? '',
  };
}
