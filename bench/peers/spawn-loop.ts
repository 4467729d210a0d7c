import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import type * as WorkerCommand from '../../worker/command.js';
import { readJobs, tell, type Jobs } from './jobs.js';

/**
 * The bare cost of processes: each command with its output in a file of its own, one after the other, with nothing that
 * decides, notes or tells between them.
 */
export interface LoopJobs extends Jobs {
  /** Address of the built module by which workers start commands; absent for a plain start of the program. */
  readonly startsBy?: string;
}

const jobs: LoopJobs = readJobs();
const start = jobs.startsBy === undefined ? plainly : await asAWorker(jobs.startsBy);
const began = performance.now();
for (const { id, command } of jobs.steps) {
  const log = openSync(join(jobs.folder, `${id}.log`), 'a', 0o600);
  await start(command, log);
  closeSync(log);
}
tell(performance.now() - began);

async function plainly(command: string, log: number): Promise<void> {
  await once(spawn(command, { detached: true, stdio: ['ignore', log, log] }), 'exit');
}

async function asAWorker(module: string): Promise<typeof plainly> {
  const { startShell } = (await import(module)) as typeof WorkerCommand;
  // As a worker gives it: copied, since Node reads its own anew for each process.
  const environment = Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    ),
  );
  return async (command, log) => {
    const started = await startShell(command, { cwd: jobs.folder, environment, logFd: log });
    if (!started.ok) throw new Error(started.error);
    await started.value.ended;
  };
}
