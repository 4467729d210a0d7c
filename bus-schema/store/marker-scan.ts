import { readdirSync, readFileSync } from 'node:fs';
import type { ProcessIdentity } from '../lease.js';
import { isShortage } from './errors.js';
import { identityOf } from './process-identity.js';

/** The variable by which a process is known as an attempt's, wherever it went: new group, new session, new parent. */
export const ATTEMPT_MARK = 'SIGNALBOX_ATTEMPT_ID';

/** Whether a process was started with the attempt's mark in its environment. Only Linux shows that. */
export function bearsMark(pid: number, attempt: string): boolean {
  let environment: Buffer;
  try {
    environment = readFileSync(`/proc/${pid}/environ`);
  } catch (error) {
    if (isShortage(error)) throw error;
    return false; // gone, or another user's
  }
  const mark = `${ATTEMPT_MARK}=${attempt}\0`;
  return environment.indexOf(`\0${mark}`) >= 0 || environment.subarray(0, mark.length).toString() === mark;
}

/** All living processes that bear an attempt's mark, except the one that asks. A walk of /proc: some milliseconds. */
export function findMarked(attempt: string): ProcessIdentity[] {
  const found: ProcessIdentity[] = [];
  for (const pid of allPids()) {
    if (pid === process.pid || pid === 1 || !bearsMark(pid, attempt)) continue;
    const identity = identityOf(pid);
    if (identity !== undefined) found.push(identity);
  }
  return found;
}

/** Every process there is, as far as /proc shows them; none where there is no /proc. */
export function allPids(): number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number);
}
