import { readdirSync, readFileSync } from 'node:fs';
import { processesOf, workersOf } from '../e2e/leftovers.js';

/** A plan in which much goes wrong: tasks that fail, are tried again, tell of themselves, ask for files, or wait for others. */
export function mixedTasks(count: number): object[] {
  const kinds = [
    { command: ':' },
    { command: 'exit 3', retries: 1 },
    { command: 'test $SIGNALBOX_ATTEMPT -gt 1', retries: 2 },
    {
      command:
        'echo "{\\"payload\\":{\\"progress_pct\\":50}}" > "$SIGNALBOX_BUS/events/PROGRESS_$SIGNALBOX_TASK_ID.event"',
    },
    { command: 'echo PASS > "$SIGNALBOX_BUS/events/TASK_COMPLETE_$SIGNALBOX_TASK_ID.event"; sleep 0.05' },
    { command: 'echo "not an event" >> "$SIGNALBOX_BUS/queue.jsonl"', files: ['shared.txt'] },
    { command: 'sleep 30', timeout: '100ms' },
  ];
  return Array.from({ length: count }, (_, index) => ({
    id: `t${index}`,
    ...kinds[index % kinds.length],
    ...(index % 11 === 10 ? { depends_on: [`t${index - 9}`] } : {}),
  }));
}

/** The daemon of a bus and its workers. */
export function serversOf(bus: string, daemon: number): number[] {
  return [daemon, ...workersOf(bus).map(({ pid }) => pid)];
}

/** How many descriptors a process has open; 0 when it is gone. */
export function descriptorsOf(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return 0;
  }
}

/** How much memory a process has in hand, in MiB. */
export function memoryOf(pid: number): number {
  const kib = /^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kib ?? 0) / 1024;
}

/** How many processes a bus has. */
export const processCount = (bus: string): number => processesOf(bus).length;
