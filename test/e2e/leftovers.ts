import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { layout } from '../../bus-schema/layout.js';
import { leaseSchema, type ProcessIdentity } from '../../bus-schema/lease.js';
import { allPids } from '../../bus-schema/store/marker-scan.js';
import { identityOf, isRunning } from '../../bus-schema/store/process-identity.js';
import { until } from '../until.js';

/** Ends every process that works for a bus: its daemon and workers by their own files, their commands by what they were given. */
export async function endAllOf(bus: string): Promise<void> {
  const kill = (found: readonly ProcessIdentity[]): boolean => {
    for (const one of found) if (isRunning(one)) process.kill(one.pid, 'SIGKILL');
    return found.length > 0;
  };
  kill(workersOf(bus));
  // A command may start another between our look and our signal.
  await until(() => !kill(processesOf(bus)), 10_000, `the end of all processes of ${bus}`);
}

/** Workers that still run, by what they wrote of themselves. */
export function workersOf(bus: string): ProcessIdentity[] {
  return foldersOf(join(bus, layout.workers))
    .flatMap(worker => {
      const text = textOf(join(bus, layout.workers, worker, 'pid.json'));
      return text === '' ? [] : [leaseSchema.parse(JSON.parse(text)).holder];
    })
    .filter(each => isRunning(each));
}

/** Every process that names the bus in its arguments or carries it in its environment, except this one. */
export function processesOf(bus: string): ProcessIdentity[] {
  return allPids().flatMap(pid => {
    if (pid === process.pid) return [];
    const told = textOf(`/proc/${pid}/cmdline`).split('\0').includes(bus);
    if (!told && !textOf(`/proc/${pid}/environ`).split('\0').includes(`SIGNALBOX_BUS=${bus}`)) return [];
    return identityOf(pid) ?? [];
  });
}

function foldersOf(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return []; // no bus was made
  }
}

/** Empty for what is not there, or not ours to read. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
