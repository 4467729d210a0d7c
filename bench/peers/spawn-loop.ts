import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import type * as WorkerCommand from '../../worker/command.js';
import type * as WorkerShell from '../../worker/resident-shell.js';
import { readJobs, tell, type Jobs } from './jobs.js';

/**
 * The bare cost of processes: each command with its output in a file of its own, one after the other, with nothing that
 * decides, notes or tells between them.
 */
export interface LoopJobs extends Jobs {
  /** Address of the built worker's folder, by whose modules commands are started; absent for a plain start of the program. */
  readonly startsBy?: string;
}

const jobs: LoopJobs = readJobs();
const start = jobs.startsBy === undefined ? plainly : await asAWorker(jobs.startsBy);
const began = performance.now();
for (const { id, command } of jobs.steps) {
  const log = openSync(join(jobs.folder, `${id}.log`), 'a', 0o600);
  await start(command, { path: join(jobs.folder, `${id}.log`), fd: log });
  closeSync(log);
}
tell(performance.now() - began);
process.exit();

interface Log {
  readonly path: string;
  readonly fd: number;
}

async function plainly(command: string, { fd: log }: Log): Promise<void> {
  await once(spawn(command, { detached: true, stdio: ['ignore', log, log] }), 'exit');
}

async function asAWorker(folder: string): Promise<typeof plainly> {
  const { startShell } = (await import(`${folder}/command.js`)) as typeof WorkerCommand;
  const { ResidentShell } = (await import(`${folder}/resident-shell.js`)) as typeof WorkerShell;
  // As a worker gives it: copied, since Node reads its own anew for each process.
  const inherited = Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    ),
  );
  const shell = new ResidentShell();
  return async (command, log) => {
    const place = { cwd: jobs.folder, variables: { inherited, own: { SIGNALBOX_STAGE: 'work' } }, log };
    const started = shell.start(command, place);
    if (started !== undefined) {
      await started.ended;
      return;
    }
    const alone = await startShell(command, place);
    if (!alone.ok) throw new Error(alone.error);
    await alone.value.ended;
  };
}
