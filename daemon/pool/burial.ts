import type { Containment, ProcessIdentity } from '../../bus-schema/lease.js';
import { unreachable } from '../../bus-schema/result.js';
import { cgroupMembers, killCgroup, removeCgroup } from '../../bus-schema/store/cgroup.js';
import { endTree } from '../../bus-schema/store/end-tree.js';
import { descendantsOf } from '../../bus-schema/store/process-family.js';
import { groupOf } from '../../bus-schema/store/process-group.js';
import {
  bootId,
  identityOf,
  isRunning,
  isSameProcess,
  signalProcess,
} from '../../bus-schema/store/process-identity.js';
import type { Attempt } from '../ports.js';
import { lookAtClaim } from './claim-look.js';
import { residenceOf, type Residence } from './worker-process.js';

/**
 * Ends all that lives of an attempt whose worker is dead, or could not end it: then the worker goes as well, since what holds
 * it together with its attempt ends as a whole. Answers with the processes that would not die.
 */
export async function buryAttempt(bus: string, attempt: Attempt, termGraceMs: number): Promise<number[]> {
  const claim = lookAtClaim(bus, attempt);
  const residence = residenceOf(bus, attempt.worker);
  // Another process may serve under the id by now, and has nothing to do with it.
  const isItsOwn =
    claim?.holder === undefined || (residence !== undefined && isSameProcess(claim.holder, residence.holder));
  const held = residence !== undefined && isItsOwn ? await endHeld(residence) : [];
  const group = claim?.command === undefined ? undefined : groupOf(attempt.id, claim.command);
  const { survivors } = await endTree({ attempt: attempt.id, group, termGraceMs });
  return [...new Set([...held, ...survivors])];
}

/** As long as a process that does not sleep in the kernel could need by far. */
const ROUNDS = 20;
const LONGEST_PAUSE_MS = 500;

/** Kills what a worker's containment holds, the worker included, until none is left; those that are come back. */
export async function endHeld({ holder, containment }: Residence): Promise<number[]> {
  // Of an earlier boot nothing lives, and what has its names now is others'.
  if (holder.bootId !== bootId()) return [];
  let left: readonly ProcessIdentity[] = [];
  for (let round = 0, pause = 5; round < ROUNDS; round++, pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    if (containment.kind !== 'group') signalProcess(holder, 'SIGKILL');
    left = killHeld(containment);
    if (left.length === 0) return [];
    await new Promise(resolve => setTimeout(resolve, pause));
  }
  return left.map(({ pid }) => pid);
}

/** Answers with those that were there. */
function killHeld(containment: Containment): readonly ProcessIdentity[] {
  switch (containment.kind) {
    case 'cgroup':
      return killGroup(containment.folder);
    case 'reaper':
      return killFamily(containment.shim);
    case 'namespace':
      // The kernel lets its first process go only after all others.
      signalProcess(containment.shim, 'SIGKILL');
      return isRunning(containment.shim) ? [containment.shim] : [];
    case 'group':
      return [];
    default:
      return unreachable(containment);
  }
}

function killGroup(folder: string): readonly ProcessIdentity[] {
  const members = cgroupMembers(folder);
  if (members.length > 0) killCgroup(folder);
  else removeCgroup(folder);
  return members;
}

/** The shim does the same when its worker has ended; but somebody may have stopped it. */
function killFamily(shim: ProcessIdentity): readonly ProcessIdentity[] {
  if (!isRunning(shim)) return [];
  const family = descendantsOf([shim.pid]).flatMap(pid => identityOf(pid) ?? []);
  for (const each of family) signalProcess(each, 'SIGKILL');
  if (family.length === 0) signalProcess(shim, 'SIGKILL');
  return [...family, ...(isRunning(shim) ? [shim] : [])];
}
