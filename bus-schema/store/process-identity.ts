import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { ProcessIdentity } from '../lease.js';
import { errorCode, isShortage } from './errors.js';
import { readIfThere } from './read-file.js';

let knownBootId: string | undefined;

/** An id that changes with every boot of the machine. */
export function bootId(): string {
  knownBootId ??=
    readIfThere('/proc/sys/kernel/random/boot_id')?.trim() ??
    ask('sysctl', ['-n', 'kern.boottime']) ??
    'unknown';
  return knownBootId;
}

/**
 * The process that has this number now; undefined when none has, or only a zombie.
 * @param proc where the kernel shows processes: numbers are those of that place.
 */
export function identityOf(pid: number, proc = '/proc'): ProcessIdentity | undefined {
  const startTime =
    process.platform === 'linux'
      ? statOf(pid, proc)?.startTime
      : ask('ps', ['-o', 'lstart=', '-p', String(pid)]);
  return startTime === undefined ? undefined : { pid, startTime, bootId: bootId() };
}

/** The process that runs this code. */
export function ownIdentity(): ProcessIdentity {
  return identityOf(process.pid) ?? { pid: process.pid, startTime: 'unknown', bootId: bootId() };
}

export function isSameProcess(a: ProcessIdentity, b: ProcessIdentity): boolean {
  return a.pid === b.pid && a.startTime === b.startTime && a.bootId === b.bootId;
}

/** Whether that very process still runs: not another one with its number, not its zombie, not one of an earlier boot. */
export function isRunning(identity: ProcessIdentity, proc = '/proc'): boolean {
  if (identity.bootId !== bootId()) return false;
  return identityOf(identity.pid, proc)?.startTime === identity.startTime;
}

/** Signals a process if it is still the very one: its number may have been given on since. One that is gone is no error. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): void {
  if (!isRunning(identity)) return;
  try {
    process.kill(identity.pid, signal);
  } catch (error) {
    if (errorCode(error) !== 'ESRCH' && errorCode(error) !== 'EPERM') throw error;
  }
}

/** What the kernel says of a living process. */
export interface ProcessStat {
  readonly parent: number;
  readonly group: number;
  readonly startTime: string;
}

/** Undefined for one that is gone or only a zombie; throws where the machine is too short of something to say. Linux only. */
export function statOf(pid: number, proc = '/proc'): ProcessStat | undefined {
  let stat: string;
  try {
    stat = readFileSync(`${proc}/${pid}/stat`, 'utf8');
  } catch (error) {
    if (isShortage(error)) throw error;
    return undefined;
  }
  // The name before them may hold spaces and parentheses, so fields count from the last one.
  const [state, parent, group, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const startTime = rest[16];
  if (startTime === undefined || state === 'Z' || state === 'X') return undefined;
  return { parent: Number(parent), group: Number(group), startTime };
}

function ask(program: string, args: string[]): string | undefined {
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8' });
  const answer = status === 0 ? stdout.trim() : '';
  return answer === '' ? undefined : answer;
}
