import { z } from 'zod';
import { formatSchema, onFailureSchema, scheduleSchema } from './plan.js';

/** What a user may ask for on top of the plan; absent means the plan, the config or the format decides. */
export const runOptionsSchema = z.strictObject({
  format: formatSchema.optional(),
  maxParallel: z.int().positive().optional(),
  timeoutMs: z.int().positive().optional(),
  onFailure: onFailureSchema.optional(),
  schedule: scheduleSchema.optional(),
  outputDir: z.string().optional(),
  agent: z.string().optional(),
  /** Run for every task, as by `sh -c`, whatever the plan says. */
  command: z.string().optional(),
  /** Run also what the plan marks as done. */
  fresh: z.boolean().optional(),
  /** Leave the plan file's boxes alone. */
  noTick: z.boolean().optional(),
});
export type RunOptions = z.infer<typeof runOptionsSchema>;

const id = z.string().regex(/^[A-Za-z0-9-]{1,64}$/);
const target = z.string().min(1).max(200);

/** `commands/<id>.json`: a request to the daemon. */
export const commandSchema = z.discriminatedUnion('do', [
  /** `spooled`: the plan came by standard input and lies in the bus only until it is taken in. */
  z.strictObject({
    id,
    do: z.literal('submit'),
    plan: z.string(),
    options: runOptionsSchema,
    spooled: z.boolean().optional(),
  }),
  z.strictObject({ id, do: z.literal('cancel'), run: target, task: target.optional() }),
  z.strictObject({ id, do: z.literal('retry'), run: target.optional(), task: target }),
  z.strictObject({ id, do: z.literal('pause'), run: target.optional() }),
  z.strictObject({ id, do: z.literal('resume'), run: target.optional() }),
  z.strictObject({ id, do: z.literal('set-limit'), maxParallel: z.int().positive().max(1000) }),
  /** Finished runs, by their whole ids: all of them go, or none. */
  z.strictObject({ id, do: z.literal('prune'), runs: z.array(target).min(1).max(1000) }),
  /** `drain`: end when what runs has ended; `cancel`: end what runs first; `leave`: end at once, workers go on. */
  z.strictObject({ id, do: z.literal('stop'), mode: z.enum(['drain', 'cancel', 'leave']) }),
]);
export type Command = z.infer<typeof commandSchema>;

/** `commands/done/<id>.json`. */
export const answerSchema = z.strictObject({
  id: z.string(),
  ok: z.boolean(),
  message: z.string(),
  run: z.string().optional(),
  /** Exit code that the command line ends with when `ok` is false. */
  code: z.int().optional(),
});
export type Answer = z.infer<typeof answerSchema>;
