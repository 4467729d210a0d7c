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
  /** Of a request about locks: the paths it names, and whom it says it is from. */
  readonly paths?: readonly string[];
  readonly task?: string;
  readonly worker?: string;
  readonly withdraw?: true;
  readonly text: string;
}

/** What does not fit is passed over by itself: a token counts, whatever stands beside it. */
const messageBody = z.object({
  payload: z.object({
    run_id: ifFits(z.string()),
    attempt_id: ifFits(z.string()),
    token: ifFits(z.string()),
    outcome: ifFits(outcomeSchema),
    exit: ifFits(exitSchema),
    progress_pct: ifFits(z.number().min(0).max(100)),
    commit_sha: ifFits(z.string()),
    error: ifFits(z.string()),
    message: ifFits(z.string()),
  }),
});

export function ifFits<T>(schema: z.ZodType<T>): z.ZodType<T | undefined> {
  return schema.optional().catch(undefined);
}

/** `cut` when it looks like a JSON message that is not all there yet. */
export function decodeBody(text: string): DropBody | 'cut' {
  if (!text.trimStart().startsWith('{')) return { text };
  const decoded = decodeJson(text, messageBody);
  if (!decoded.ok) return isJson(text) ? { text } : 'cut';
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

/** What only looks like a message is text as well, after a moment's wait. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
