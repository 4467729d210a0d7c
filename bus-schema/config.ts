import { z } from 'zod';
import { containmentSettingSchema } from './containment.js';
import { LONGEST_AGE_MS, parseDuration } from './duration.js';
import { onFailureSchema, scheduleSchema } from './plan.js';
import { severitySchema } from './severity.js';

/** `30m`, `90s` … or bare milliseconds, read as milliseconds. */
export const durationSchema = z.union([z.string(), z.number()]).transform((value, context) => {
  const parsed = parseDuration(String(value), 'ms');
  if (parsed.ok) return parsed.value;
  context.addIssue({ code: 'custom', message: parsed.error });
  return z.NEVER;
});

/** How long ago something was, such as `90d`; a bare number is refused, as nobody thinks of days in milliseconds. */
const ageSchema = z.string().transform((value, context) => {
  const parsed = parseDuration(value, 'refused', LONGEST_AGE_MS);
  if (parsed.ok) return parsed.value;
  context.addIssue({ code: 'custom', message: parsed.error });
  return z.NEVER;
});

/** `64MiB`, `500kB` or bare bytes, read as bytes. */
const sizeSchema = z.union([z.string(), z.number()]).transform((value, context) => {
  const match = /^(\d+)\s*(|B|kB|KiB|MB|MiB|GB|GiB)$/.exec(String(value).trim());
  const factor =
    { '': 1, B: 1, kB: 1e3, KiB: 1024, MB: 1e6, MiB: 1024 ** 2, GB: 1e9, GiB: 1024 ** 3 }[match?.[2] ?? ''] ??
    1;
  if (match?.[1] !== undefined) return Number(match[1]) * factor;
  context.addIssue({
    code: 'custom',
    message: `"${String(value)}" is not a size; write it as 64MiB, 500kB or bytes`,
  });
  return z.NEVER;
});

/** How an agent is called: an argv, never a shell string, with `{prompt}`, `{task}` … filled in. */
export const agentConfigSchema = z.strictObject({
  command: z.array(z.string().min(1)).min(1),
  /** Environment variables it gets beside the common ones and ours. */
  env: z.array(z.string()).default([]),
});

/**
 * `.message-bus/config.yaml` and `signalbox.config.yaml` at the repo root (the bus's own wins, key by key). Every key is
 * optional; one that is not here is an error.
 */
export const configSchema = z.strictObject({
  parallelism: z
    .strictObject({
      /** Tasks at once over all runs. */
      maxParallelTasks: z.int().positive().max(1000).optional(),
    })
    .optional(),
  /** At most so many at once, by task type, for plans whose format has such limits or whose tasks have such types. */
  limits: z.record(z.string(), z.int().positive().max(1000)).optional(),
  /** `waves`: no task starts before all of the wave before it have ended. */
  schedule: scheduleSchema.optional(),
  /** Reviews of tasks that ask for one. */
  review: z
    .strictObject({
      agent: z.string().optional(),
      fix_agent: z.string().optional(),
      /** Reviews of one task at most. */
      rounds: z.int().positive().max(20).optional(),
      /** Issues of this severity or above are mended. */
      block_on: severitySchema.optional(),
    })
    .optional(),
  /** Agents that prepare a tasks file in the place of what is built in. */
  orchestrate: z
    .strictObject({ scout: z.string().optional(), task_manager: z.string().optional() })
    .optional(),
  timeout: durationSchema.optional(),
  heartbeat_timeout: durationSchema.optional(),
  on_failure: onFailureSchema.optional(),
  retries: z.int().nonnegative().max(100).optional(),
  /** Pause before a second attempt; doubled for each further one, up to the longest. */
  backoff: z
    .strictObject({ first: durationSchema.optional(), longest: durationSchema.optional() })
    .optional(),
  /** The agent of a plan that names none. */
  agent: z.string().optional(),
  agents: z.record(z.string(), agentConfigSchema).optional(),
  /** Environment variables that every agent gets. */
  agent_env: z.array(z.string()).optional(),
  /** How often a worker proves that it is alive; three missed and it is replaced. */
  heartbeat: durationSchema.optional(),
  /** Time given to a command whose outcome is known, or whose children outlive it, before it is ended. */
  settle_grace: durationSchema.optional(),
  /** Time between SIGTERM and SIGKILL. */
  kill_grace: durationSchema.optional(),
  /** What holds a worker's processes together; one that is not to be had is an error. */
  containment: containmentSettingSchema.optional(),
  /** An attempt's log is cut here. */
  log_cap: sizeSchema.optional(),
  /**
   * Which finished runs the daemon prunes by itself: those that are not among the latest `keep` (or the latest one), and that
   * ended longer ago than `olderThan`, if that is given. Without it, none ever.
   */
  retention: z
    .strictObject({ keep: z.int().positive().optional(), olderThan: ageSchema.optional() })
    .refine(
      ({ keep, olderThan }) => keep !== undefined || olderThan !== undefined,
      'give keep, olderThan or both',
    )
    .optional(),
});
export type Config = z.infer<typeof configSchema>;

/** What holds where neither flag nor plan nor config says otherwise; a format's own defaults stand with its reader. */
export const DEFAULTS = {
  heartbeatTimeoutMs: 600_000,
  timeoutMs: 1_800_000,
  retries: 2,
  maxParallel: 5,
  backoffFirstMs: 1000,
  backoffLongestMs: 300_000,
  heartbeatMs: 5000,
  settleGraceMs: 10_000,
  killGraceMs: 5000,
  logCapBytes: 256 * 1024 ** 2,
} as const;
