import type { ProcessIdentity } from '../lease.js';
import { errorCode } from './errors.js';
import { isRunning, statOf } from './process-identity.js';
import { allPids, bearsMark } from './marker-scan.js';

/**
 * Whether the kernel knows a process of this group: one system call, good enough to see that a group is empty. Zombies
 * that nobody collects count here, so ask `livingMembers` before waiting long for them.
 */
export function groupExists(group: number): boolean {
  try {
    process.kill(-group, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

/** The processes of a group that still run, zombies left out; needs a walk of /proc, so not for every few milliseconds. */
export function livingMembers(group: number): number[] {
  if (!groupExists(group)) return [];
  if (process.platform !== 'linux') return [group];
  return allPids().filter(pid => statOf(pid)?.group === group);
}

/** Sends a signal to a whole group; one that is gone is no error. The caller knows that the group is still its own. */
export function signalGroup(group: number, signal: NodeJS.Signals): void {
  // Minus one would mean every process there is.
  if (group <= 1) throw new Error(`Internal error: ${group} is no process group of ours`);
  try {
    process.kill(-group, signal);
  } catch (error) {
    if (errorCode(error) !== 'ESRCH' && errorCode(error) !== 'EPERM') throw error;
  }
}

/**
 * The group that an attempt's command leads, if that can still be shown: the leader runs, or a member carries the
 * attempt's mark. After the last member is gone its number may be given to strangers, so a group that was not watched
 * all the time must pass here before it is signalled.
 */
export function groupOf(attempt: string, leader: ProcessIdentity): number | undefined {
  if (isRunning(leader)) return leader.pid;
  return livingMembers(leader.pid).some(pid => bearsMark(pid, attempt)) ? leader.pid : undefined;
}
