import { existsSync, readdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { ProcessIdentity } from '../lease.js';
import { errorCode } from './errors.js';
import { identityOf, signalProcess } from './process-identity.js';
import { readIfThere } from './read-file.js';

/** The folder of the control group (version 2) that this process is in; undefined where there is none, or not in sight. */
export function ownCgroup(): string | undefined {
  const own = /^0::(\/.*)$/m.exec(readIfThere('/proc/self/cgroup') ?? '')?.[1];
  if (own === undefined) return undefined;
  for (const line of (readIfThere('/proc/self/mountinfo') ?? '').split('\n')) {
    const [, , , root = '', mount = '', ...rest] = line.split(' ');
    if (rest[rest.indexOf('-') + 1] !== 'cgroup2') continue;
    const below = relative(unescaped(root), own);
    if (!below.startsWith('..')) return join(unescaped(mount), below);
  }
  return undefined;
}

/** Blanks in the paths of mountinfo are written as octal numbers. */
const unescaped = (path: string): string =>
  path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));

/**
 * All living processes in a group and in those below it; none where the group is gone. Some microseconds for an empty one.
 * @param besides are left out.
 */
export function cgroupMembers(folder: string, besides: readonly number[] = []): ProcessIdentity[] {
  const members: ProcessIdentity[] = [];
  for (const group of groupsOf(folder)) {
    for (const pid of pidsIn(group)) {
      const identity = besides.includes(pid) ? undefined : identityOf(pid);
      if (identity !== undefined) members.push(identity);
    }
  }
  return members;
}

/** Kills all that is in a group, at once: nothing can be forked past it. */
export function killCgroup(folder: string): void {
  if (wrote(join(folder, 'cgroup.kill'), '1')) return;
  // Before Linux 5.14: what is frozen neither forks nor ends, and a SIGKILL reaches it all the same.
  wrote(join(folder, 'cgroup.freeze'), '1');
  for (const member of cgroupMembers(folder)) signalProcess(member, 'SIGKILL');
  wrote(join(folder, 'cgroup.freeze'), '0');
}

/** Removes a group and those below it, as far as they are empty. */
export function removeCgroup(folder: string): void {
  for (const group of groupsOf(folder).reverse()) {
    try {
      rmdirSync(group);
    } catch (error) {
      if (errorCode(error) !== 'EBUSY' && errorCode(error) !== 'ENOENT') throw error;
    }
  }
}

/** A worker that starts needs far less from the making of its group to its first instant in it. */
const STARTING_MS = 60_000;

/** Removes groups that nobody is in any more and whose shim was killed before it could do so. */
export function sweepCgroups(parent: string, prefix: string): void {
  for (const name of readdirSync(parent).filter(each => each.startsWith(prefix))) {
    const folder = join(parent, name);
    const made = statSync(folder, { throwIfNoEntry: false })?.ctimeMs ?? Infinity;
    if (Date.now() - made > STARTING_MS && cgroupMembers(folder).length === 0) removeCgroup(folder);
  }
}

function pidsIn(group: string): number[] {
  try {
    return readFileSync(join(group, 'cgroup.procs'), 'latin1').split('\n').filter(Boolean).map(Number);
  } catch (error) {
    // A threaded group has no processes of its own: they are listed above it.
    if (['ENOENT', 'ENODEV', 'EOPNOTSUPP'].includes(errorCode(error) ?? '')) return [];
    throw error;
  }
}

/** The group's folder and all below it, each before its own. */
function groupsOf(folder: string): string[] {
  const links = statSync(folder, { throwIfNoEntry: false })?.nlink;
  if (links === undefined) return [];
  // Each folder below has a link to the one above.
  if (links === 2) return [folder];
  const below = readdirSync(folder, { withFileTypes: true }).filter(entry => entry.isDirectory());
  return [folder, ...below.flatMap(({ name }) => groupsOf(join(folder, name)))];
}

function wrote(file: string, text: string): boolean {
  if (!existsSync(file)) return false;
  try {
    writeFileSync(file, text);
    return true;
  } catch (error) {
    if (errorCode(error) !== 'ENOENT' && errorCode(error) !== 'ENODEV') throw error;
    return false;
  }
}
