import { statSync } from 'node:fs';
import { join } from 'node:path';
import { layout } from '../../bus-schema/layout.js';
import type { Lease } from '../../bus-schema/lease.js';
import { isLocked } from '../../bus-schema/store/kernel-lock.js';
import { isRunning } from '../../bus-schema/store/process-identity.js';
import { readIfThere } from '../../bus-schema/store/read-file.js';

/** Whether a daemon holds the bus, and which, as far as it says. */
export type Sign = { readonly up: false } | { readonly up: true; readonly lease: Lease | undefined };

/** From the lock file's making to `daemon.json`, a starting daemon needs far less. */
const STARTING_MS = 5000;

/**
 * Looks for a daemon's sign of life. Trying its lock, if only for a moment, keeps a daemon out that starts at that very
 * moment, so the lock is tried only where the process that took it last still runs, or where nobody has said for long who
 * took it.
 */
export function daemonSign(bus: string): Sign {
  const lock = join(bus, layout.daemonLock);
  const file = statSync(lock, { throwIfNoEntry: false });
  if (file === undefined) return { up: false };
  const lease = leaseIn(readIfThere(join(bus, layout.daemonInfo)));
  // In a task that has a pid namespace the daemon is out of sight; but it is there, or was when the task began.
  const unseen = process.env.SIGNALBOX_NAMESPACE === 'pid' && process.env.SIGNALBOX_BUS === bus;
  const silent =
    lease === undefined ? Date.now() - file.ctimeMs < STARTING_MS : !unseen && !isRunning(lease.holder);
  return !silent && isLocked(lock) ? { up: true, lease } : { up: false };
}

/** By hand: the schema library would take longer than all the rest of a short command. */
export function leaseIn(text: string | undefined): Lease | undefined {
  if (text === undefined) return undefined;
  let lease: Partial<Lease> | null;
  try {
    lease = JSON.parse(text) as Partial<Lease> | null;
  } catch {
    return undefined;
  }
  const { holder, version, startedAt, polling } = lease ?? {};
  const whole =
    typeof holder?.pid === 'number' &&
    typeof holder.startTime === 'string' &&
    typeof holder.bootId === 'string' &&
    typeof version === 'string' &&
    typeof startedAt === 'string';
  if (!whole) return undefined;
  return { holder, version, startedAt, ...(typeof polling === 'string' ? { polling } : {}) };
}
