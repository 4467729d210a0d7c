import { closeSync, existsSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { layout } from '../../bus-schema/layout.js';

/** Names of junk; none of them is an event that could mean anything to a run. */
const JUNK: readonly ((number: number) => string)[] = [
  number => `junk-${number}.txt`,
  number => `TASK_COMPLETE_nobody-${number}.event`,
  number => `HEARTBEAT_nobody-${number}.event`,
  number => `PROGRESS_nobody@${number}.event`,
];

/** Puts so many junk files into `events/`, as fast as it can, but lets others of this process have their turn. */
export async function floodJunk(bus: string, count: number): Promise<void> {
  const folder = join(bus, layout.events);
  for (let number = 0; number < count; number++) {
    const name = JUNK[number % JUNK.length]?.(number) ?? '';
    closeSync(openSync(join(folder, name), 'w', 0o600));
    if (number % 500 === 0) await new Promise(resolve => setImmediate(resolve));
  }
}

/** Tells so often how far a task is. */
export async function floodProgress(bus: string, task: string, count: number): Promise<void> {
  const folder = join(bus, layout.events);
  for (let number = 0; number < count; number++) {
    const body = `{"payload":{"progress_pct":${number % 100}}}`;
    writeFileSync(join(folder, `PROGRESS_${task}@${number}.event`), body, { mode: 0o600 });
    if (number % 500 === 0) await new Promise(resolve => setImmediate(resolve));
  }
}

/** How many files lie in `events/`. */
export function inEvents(bus: string): number {
  return readdirSync(join(bus, layout.events)).length;
}

/** How many of the flood's files lie in `events/` still: what runs of ours have told stays there. */
export function floodLeft(bus: string): number {
  return readdirSync(join(bus, layout.events)).filter(name => /junk-|nobody|^PROGRESS_/.test(name)).length;
}

/** The most memory that a process has had, in MiB; undefined where the system does not tell. */
export function peakMemory(pid: number): number | undefined {
  const status = `/proc/${pid}/status`;
  if (!existsSync(status)) return undefined;
  const kib = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync(status, 'utf8'))?.[1];
  return kib === undefined ? undefined : Number(kib) / 1024;
}
