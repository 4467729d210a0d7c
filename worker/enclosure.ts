import { constants, openSync, readlinkSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Containment, ProcessIdentity } from '../bus-schema/lease.js';
import { cgroupMembers } from '../bus-schema/store/cgroup.js';
import { unlessShort } from '../bus-schema/store/errors.js';
import { allPids } from '../bus-schema/store/marker-scan.js';
import { descendantsOf, listedChildren } from '../bus-schema/store/process-family.js';
import { identityOf, isRunning, ownIdentity, statOf } from '../bus-schema/store/process-identity.js';

/** What this worker is in, together with all that it starts. */
export interface Enclosure {
  readonly containment: Containment;
  /** This process as the daemon knows it: in a namespace its number is another one there. */
  readonly own: ProcessIdentity;
  /** Whether a process that the daemon named runs. */
  readonly isRunning: (identity: ProcessIdentity) => boolean;
  /**
   * All that lives in here beside the worker, its household and what stands above it: everything of the attempt under way, wherever it went.
   * Some microseconds when there is nothing. Absent where nothing holds it together.
   */
  readonly members?: () => ProcessIdentity[];
}

/** The daemon's /proc, open as this descriptor: in a namespace the only way to see numbers as the daemon does. */
const OUTER_PROC = '/proc/self/fd/4';

/** The processes that a worker keeps for itself; they belong to no attempt. */
export type Household = () => readonly number[];

/** @param argument what the daemon started this worker with, if anything. */
export function enclosureOf(argument: string | undefined, household: Household): Enclosure {
  if (argument === 'namespace') return inNamespace(household);
  if (argument === 'reaper') return belowReaper(process.ppid, household);
  if (argument?.startsWith('cgroup:') === true) return inCgroup(argument.slice('cgroup:'.length), household);
  return { containment: { kind: 'group' }, own: ownIdentity(), isRunning };
}

function inCgroup(folder: string, household: Household): Enclosure {
  const isAlone = lookInto(folder);
  return {
    containment: { kind: 'cgroup', folder },
    own: ownIdentity(),
    isRunning,
    members: () => {
      const own = [process.pid, ...household()];
      return isAlone(own) ? [] : cgroupMembers(folder, own);
    },
  };
}

/** Tells at the cost of two system calls whether a group holds these processes and no others; false where that is not sure. */
function lookInto(folder: string): (own: readonly number[]) => boolean {
  const listing = unlessShort(() => openSync(join(folder, 'cgroup.procs'), constants.O_RDONLY));
  const buffer = Buffer.alloc(4096);
  return own => {
    if (listing === undefined) return false;
    try {
      // Each group below has a link to the one above.
      if (statSync(folder).nlink !== 2) return false;
      const pids = buffer
        .toString('latin1', 0, readSync(listing, buffer, 0, buffer.length, 0))
        .trim()
        .split('\n');
      return pids.length <= own.length && pids.every(pid => own.includes(Number(pid)));
    } catch {
      return false;
    }
  };
}

function belowReaper(pid: number, household: Household): Enclosure {
  const shim = identityOf(pid);
  // It ends only when we do, or by somebody's hand: then nothing inherits our orphans any more.
  if (shim === undefined) return enclosureOf('group', household);
  return {
    containment: { kind: 'reaper', shim },
    own: ownIdentity(),
    isRunning,
    members: () => {
      // The lowest first: what leaves one of us between two looks is then with who stands above.
      const own = household();
      const nothing =
        own.every(each => listedChildren(each)?.length === 0) &&
        listedChildren(process.pid)?.length === own.length &&
        listedChildren(pid)?.length === 1;
      if (nothing) return [];
      return identified(descendantsOf([pid, process.pid, ...own]));
    },
  };
}

function inNamespace(household: Household): Enclosure {
  const pid = Number(readlinkSync(`${OUTER_PROC}/self`));
  const own = identityOf(pid, OUTER_PROC);
  const shim = identityOf(statOf(pid, OUTER_PROC)?.parent ?? 0, OUTER_PROC);
  if (own === undefined || shim === undefined)
    throw new Error('Internal error: in a namespace, but without sight of the processes outside');
  return {
    containment: { kind: 'namespace', shim },
    own,
    isRunning: identity => isRunning(identity, OUTER_PROC),
    members: () => {
      const others = new Set([1, process.pid, ...household()]);
      return identified(allPids().filter(each => !others.has(each)));
    },
  };
}

const identified = (pids: readonly number[]): ProcessIdentity[] => pids.flatMap(pid => identityOf(pid) ?? []);
