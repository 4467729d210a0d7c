import { z } from 'zod';

/** What every id of the bus is made of: it becomes part of file names, so nothing in it can leave a folder or hide. */
export const ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
export const ID_RULE = '1 to 100 letters, digits, ".", "_" or "-", beginning with a letter or digit';

const id = z.string().regex(ID_PATTERN, `an id is ${ID_RULE}`);

/** A task's name within its plan, such as `1.1`. */
export const taskIdSchema = id.brand<'TaskId'>();
export type TaskId = z.infer<typeof taskIdSchema>;

/** One execution of a plan. */
export const runIdSchema = id.brand<'RunId'>();
export type RunId = z.infer<typeof runIdSchema>;

/** `worker-1` … `worker-N`: a slot's process. The id outlives the process and is given to its replacement. */
export const workerIdSchema = id.brand<'WorkerId'>();
export type WorkerId = z.infer<typeof workerIdSchema>;

/** One execution of a task: `<run>.<the task's ordinal in its plan>.<1, 2 …>`. */
export const attemptIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,139}\.\d+\.\d+$/, 'an attempt id is <run>.<ordinal>.<number>')
  .brand<'AttemptId'>();
export type AttemptId = z.infer<typeof attemptIdSchema>;

/** Says which attempt an outcome belongs to; it guards against mistakes, it is no secret. */
export const tokenSchema = z
  .string()
  .regex(/^[0-9a-f]{32}$/, 'a token is 32 hex digits')
  .brand<'Token'>();
export type Token = z.infer<typeof tokenSchema>;
