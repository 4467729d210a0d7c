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
  // One that was started through another program may be nobody's child by now.
  kill(holdersIn(bus, [layout.daemonInfo]));
  kill(workersOf(bus));
  // A command may start another between our look and our signal.
  await until(() => !kill(processesOf(bus)), 10_000, `the end of all processes of ${bus}`);
}

/** Workers that still run, by what they wrote of themselves. */
export function workersOf(bus: string): ProcessIdentity[] {
  const workers = foldersOf(join(bus, layout.workers));
  return holdersIn(
    bus,
    workers.map(worker => join(layout.workers, worker, 'pid.json')),
  );
}

function holdersIn(bus: string, files: readonly string[]): ProcessIdentity[] {
  return files
    .flatMap(file => {
      const text = textOf(join(bus, file));
      const lease = text === '' ? undefined : leaseSchema.safeParse(JSON.parse(text));
      return lease?.success === true ? [lease.data.holder] : [];
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
