import { z } from 'zod';
import { attemptIdSchema, tokenSchema } from './ids.js';

/**
 * Which process, so that a later one with the same number is not taken for it: the kernel's start time (opaque, compare
 * only) and the boot's id go with the pid.
 */
export const processIdentitySchema = z.strictObject({
  pid: z.int().positive(),
  startTime: z.string(),
  bootId: z.string(),
});
export type ProcessIdentity = z.infer<typeof processIdentitySchema>;

/**
 * First line of `attempts/<attempt>.claim`, created with O_EXCL by whoever takes the attempt: its worker, which then
 * starts the command, or the daemon, which thereby revokes it.
 */
export const claimSchema = z.strictObject({
  attempt: attemptIdSchema,
  token: tokenSchema,
  by: z.enum(['worker', 'daemon']),
  holder: processIdentitySchema,
});
export type Claim = z.infer<typeof claimSchema>;

/**
 * How a worker and all that it starts can be ended by others. `shim` is the process above it, whose end is the end of all of
 * them; pids are those that the daemon sees.
 */
export const containmentSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('cgroup'), folder: z.string().regex(/\/signalbox-[0-9a-f]{12}$/) }),
  z.strictObject({ kind: z.enum(['reaper', 'namespace']), shim: processIdentitySchema }),
  z.strictObject({ kind: z.literal('group') }),
]);
export type Containment = z.infer<typeof containmentSchema>;

/** `daemon.json`, `workers/<id>/pid.json`: who holds the lock beside it. Information; the kernel lock is the truth. */
export const leaseSchema = z.strictObject({
  holder: processIdentitySchema,
  version: z.string(),
  startedAt: z.string(),
  /** Of a worker. */
  containment: containmentSchema.optional(),
  /** Of a daemon that cannot watch its bus and looks every few seconds instead: why. */
  polling: z.string().optional(),
});
export type Lease = z.infer<typeof leaseSchema>;
