import { readdirSync, readFileSync } from 'node:fs';

/** What the kernel says of processes. A process that is gone has used nothing and has no children. */
const CLOCK_TICKS_A_SECOND = 100;

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(thread => `/proc/${pid}/task/${thread}`);
  } catch {
    return [];
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, each) => all + each, 0);

/** Milliseconds of the processor that it has used, all threads together; to the nanosecond where the kernel counts so. */
export function processorMs(pid: number): number {
  const exact = threadsOf(pid).map(thread => Number(read(`${thread}/schedstat`).split(' ')[0]) / 1e6);
  const all = sum(exact);
  if (all > 0) return all;
  const fields = read(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ') ?? [];
  return ((Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * 1000) / CLOCK_TICKS_A_SECOND;
}

/** How often its threads have gone to sleep of themselves: each time, something had woken them. */
export function sleepsOf(pid: number): number {
  return sum(
    threadsOf(pid).map(thread =>
      Number(/^voluntary_ctxt_switches:\s*(\d+)/m.exec(read(`${thread}/status`))?.[1] ?? 0),
    ),
  );
}

export function memoryMiB(pid: number): number {
  return Number(/^VmRSS:\s*(\d+) kB$/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) / 1024;
}

export const programOf = (pid: number): string => read(`/proc/${pid}/comm`).trim();

/** It and all below it. */
export function familyOf(pid: number): number[] {
  const children = threadsOf(pid).flatMap(thread =>
    read(`${thread}/children`).split(' ').filter(Boolean).map(Number),
  );
  return [pid, ...children.flatMap(familyOf)];
}
