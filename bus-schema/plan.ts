import { z } from 'zod';
import { taskIdSchema } from './ids.js';
import type { RepoPath } from './repo-path.js';
import { severitySchema } from './severity.js';

const repoPathSchema = z.custom<RepoPath>(value => typeof value === 'string' && value.length > 0);
const milliseconds = z.int().nonnegative();

/** What a task is, as its plan says it; `command` is run as by `sh -c`. */
export const askedWorkSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('command'), command: z.string().min(1) }),
  z.strictObject({
    kind: z.literal('agent'),
    /** Absent where the flag or the config is to say which. */
    agent: z.string().min(1).optional(),
    prompt: z.string(),
    model: z.string().optional(),
  }),
]);
export type AskedWork = z.infer<typeof askedWorkSchema>;

/** What a worker starts, all templates filled in. A large prompt goes by standard input, never by the command line. */
export const workSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('shell'), command: z.string().min(1) }),
  z.strictObject({
    kind: z.literal('agent'),
    agent: z.string().min(1),
    argv: z.array(z.string()).min(1),
    prompt: z.string(),
    promptBy: z.enum(['argv', 'stdin']),
    /** Names of the environment variables that this agent gets beside ours. */
    env: z.array(z.string()),
  }),
]);
export type Work = z.infer<typeof workSchema>;

/** P0 … P3; a smaller number goes first. */
export const prioritySchema = z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(3)]);
export type Priority = z.infer<typeof prioritySchema>;

export const onFailureSchema = z.enum(['continue', 'stop', 'retry']);
export const scheduleSchema = z.enum(['dag', 'waves']);
/** What becomes of an attempt that asks for a file which another holds: it waits, or is ended and comes again last. */
export const onConflictSchema = z.enum(['wait', 'abort']);
export const formatSchema = z.enum(['conductor', 'dispatch', 'wave', 'orchestrate', 'native']);
export type PlanFormat = z.infer<typeof formatSchema>;

const taskBase = {
  id: taskIdSchema,
  title: z.string(),
  type: z.string().optional(),
  /** What it writes (or, with `access: read`, reads): locked together while it runs. */
  files: z.array(repoPathSchema),
  access: z.enum(['write', 'read']),
  dependsOn: z.array(taskIdSchema),
  priority: prioritySchema,
  /** With `schedule: waves`: the wave it runs in, from 0; where it is absent, dependencies decide. */
  wave: z.int().nonnegative().optional(),
  /** For ordering only. */
  estimateMs: milliseconds.optional(),
  output: z.string().optional(),
  /** Complete only if this, run after the task with its environment, exits 0. */
  accept: z.string().optional(),
  env: z.record(z.string(), z.string()),
  /** Ticked in the plan file: complete before the run begins. */
  done: z.boolean(),
  /** Its command prints, last, what became of the task as JSON: `{status, summary, error …}`. */
  answers: z.boolean().optional(),
};

/** Who looks at a task's work after it, and who mends what is found: rounds of review and fix, until nothing is left. */
export const reviewSchema = z.strictObject({
  review: workSchema,
  fix: workSchema,
  /** Issues below are told, not mended. */
  blockOn: severitySchema,
  /** Reviews at most. */
  rounds: z.int().positive(),
});
export type Review = z.infer<typeof reviewSchema>;

/** A task as a plan file gives it; what it leaves open comes from flags, config or the format's default. */
export const askedTaskSchema = z.strictObject({
  ...taskBase,
  work: askedWorkSchema.optional(),
  timeoutMs: milliseconds.optional(),
  retries: z.int().nonnegative().optional(),
  /** Its work is to be reviewed; by whom, the config or the format's default says. */
  review: z.boolean().optional(),
});
export type AskedTask = z.infer<typeof askedTaskSchema>;

/** A task with everything decided: what `runs/<run-id>/plan.json` holds and the scheduler runs. */
export const taskSchema = z.strictObject({
  ...taskBase,
  work: workSchema,
  timeoutMs: milliseconds,
  /** Attempts after the first. */
  retries: z.int().nonnegative(),
  review: reviewSchema.optional(),
  /** What it is expected to take by what it took before, where it has no estimate; for ordering only. */
  expectedMs: milliseconds.optional(),
  /** In the plan's own words, for its report: which agent was asked for, and for which output. */
  asked: z.strictObject({ agent: z.string().optional(), output: z.string().optional() }).optional(),
});
export type Task = z.infer<typeof taskSchema>;

export const askedSettingsSchema = z.strictObject({
  maxParallel: z.int().positive().optional(),
  timeoutMs: milliseconds.optional(),
  heartbeatTimeoutMs: milliseconds.optional(),
  onFailure: onFailureSchema.optional(),
  retries: z.int().nonnegative().optional(),
  schedule: scheduleSchema.optional(),
  onConflict: onConflictSchema.optional(),
  outputDir: z.string().optional(),
});
export type AskedSettings = z.infer<typeof askedSettingsSchema>;

export const settingsSchema = z.strictObject({
  maxParallel: z.int().positive(),
  heartbeatTimeoutMs: milliseconds,
  onFailure: onFailureSchema,
  schedule: scheduleSchema,
  /** When every task of this priority has ended and none is complete, the run is stopped. */
  vital: prioritySchema.optional(),
  onConflict: onConflictSchema.optional(),
  /** Pause before a second attempt; doubled for each further one, up to the longest. */
  backoffFirstMs: milliseconds,
  backoffLongestMs: milliseconds,
});

/** Tasks that the plan's author grouped; for display, the order comes from dependencies and locks. */
export const groupSchema = z.strictObject({
  id: z.string(),
  tasks: z.array(z.string()),
  conflictFree: z.boolean(),
});
export type Group = z.infer<typeof groupSchema>;

const planBase = {
  format: formatSchema,
  name: z.string().min(1),
  /** The conductor track, where the plan is one. */
  track: z.string().optional(),
  /** Absolute folder in which the run shows itself as its source system does: `messages/`, `locks/`, `progress.txt` … */
  workspace: z.string().optional(),
  /** The number that a wave gives itself. */
  wave: z.int().optional(),
  /** Absolute path of the plan's file; absent when it came by standard input. */
  source: z.string().optional(),
  groups: z.array(groupSchema),
  /** At most so many at once, by task type; a task without a type has no such limit. */
  limits: z.record(z.string(), z.int().positive()),
};

/** What a reader makes of a plan file, valid in itself: ids unique, dependencies known, no cycle. */
export const askedPlanSchema = z.strictObject({
  ...planBase,
  tasks: z.array(askedTaskSchema),
  settings: askedSettingsSchema,
});
export type AskedPlan = z.infer<typeof askedPlanSchema>;

/** A plan ready to run: `runs/<run-id>/plan.json`, written once, before its run is in the journal. */
export const planSchema = z.strictObject({
  ...planBase,
  version: z.literal(1),
  tasks: z.array(taskSchema),
  settings: settingsSchema,
  /** Whether completed tasks are ticked in the plan's own file. */
  tick: z.boolean(),
});
export type Plan = z.infer<typeof planSchema>;
