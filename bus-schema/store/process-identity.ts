import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { ProcessIdentity } from '../lease.js';
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

/** The process that has this number now; undefined when none has, or only a zombie. */
export function identityOf(pid: number): ProcessIdentity | undefined {
  const startTime =
    process.platform === 'linux' ? startTimeFromProc(pid) : ask('ps', ['-o', 'lstart=', '-p', String(pid)]);
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
export function isRunning(identity: ProcessIdentity): boolean {
  if (identity.bootId !== bootId()) return false;
  return identityOf(identity.pid)?.startTime === identity.startTime;
}

/** Field 22 of /proc/PID/stat; the name before it may hold spaces and parentheses, so fields count from the last one. */
function startTimeFromProc(pid: number): string | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
}

function ask(program: string, args: string[]): string | undefined {
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8' });
  const answer = status === 0 ? stdout.trim() : '';
  return answer === '' ? undefined : answer;
}
