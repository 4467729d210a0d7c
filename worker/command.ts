import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { ProcessIdentity } from '../bus-schema/lease.js';
import type { Exit } from '../bus-schema/outcome.js';
import { fail, ok, type Result } from '../bus-schema/result.js';
import { errorCode } from '../bus-schema/store/errors.js';
import type { Variables } from './environment.js';

/** A command that has been started, and leads a process group of its own. */
export interface Command {
  /** Its process id, and the id of its group. */
  readonly pid: number;
  /** Known already of a shell that stays. */
  readonly leader?: ProcessIdentity;
  readonly ended: Promise<Exit>;
}

/** Where a command is started, whatever it is. Output goes to a file, never to a pipe: it outlives us if need be. */
export interface Surroundings {
  readonly cwd: string;
  readonly variables: Variables;
  /** Gets standard output and error: the file, and a descriptor of it that adds to its end. */
  readonly log: { readonly path: string; readonly fd: number };
}

/** Starts a command as `sh -c` would. The error says in the system's words why it could not be started. */
export async function startShell(command: string, place: Surroundings): Promise<Result<Command, string>> {
  const startedAt = performance.now();
  const { variables, log } = place;
  try {
    // Node's own call: for commands of some milliseconds a library's bookkeeping would be most of the work.
    const child = spawn('/bin/sh', ['-c', command], {
      cwd: place.cwd,
      env: { ...variables.inherited, ...variables.own },
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    });
    const ended = new Promise<Exit>(resolve => {
      child.once('exit', (code, signal) =>
        resolve({ code, signal, durationMs: performance.now() - startedAt }),
      );
    });
    if (child.pid !== undefined) return ok({ pid: child.pid, ended });
    const [error] = (await once(child, 'error')) as [unknown];
    return fail(whyNotStarted('/bin/sh', error, place.cwd));
  } catch (error) {
    return fail(whyNotStarted('/bin/sh', error, place.cwd));
  }
}

/** The system says ENOENT for a missing folder as for a missing program, and too little of both. */
export function whyNotStarted(program: string, error: unknown, cwd: string): string {
  const words = error instanceof Error ? error.message : String(error);
  if (!existsSync(cwd)) return `could not be started: the folder ${cwd} does not exist (${words})`;
  if (errorCode(error) === 'ENOENT') return `could not be started: there is no program ${program} (${words})`;
  if (errorCode(error) === 'E2BIG') return `could not be started: its command line is too long (${words})`;
  return `could not be started: ${words}`;
}
