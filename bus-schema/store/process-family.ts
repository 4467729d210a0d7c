import { readFileSync } from 'node:fs';
import { isShortage } from './errors.js';
import { allPids } from './marker-scan.js';
import { statOf } from './process-identity.js';

/**
 * All that descends from these processes, themselves left out. A walk of /proc: some milliseconds. What loses its parent
 * during the walk may be passed over, so look again.
 */
export function descendantsOf(roots: readonly number[]): number[] {
  if (roots.length === 0) return [];
  const children = new Map<number, number[]>();
  for (const pid of allPids()) {
    const parent = statOf(pid)?.parent;
    if (parent === undefined) continue;
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [pid]);
    else siblings.push(pid);
  }
  const family = new Set<number>(roots);
  for (const pid of family) for (const child of children.get(pid) ?? []) family.add(child);
  return [...family].filter(pid => !roots.includes(pid));
}

/**
 * The children of a process's first thread, as the kernel lists them: some microseconds. Zombies are among them; undefined
 * where the kernel keeps no such list, or the process is gone.
 */
export function listedChildren(pid: number): number[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return text === '' ? [] : text.split(' ').map(Number);
  } catch (error) {
    if (isShortage(error)) throw error;
    return undefined;
  }
}
