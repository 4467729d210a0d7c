#!/usr/bin/env node
import { CommanderError } from 'commander';
import { errorCode, Hindrance } from '../../bus-schema/store/errors.js';
import { EXIT } from './exit-codes.js';
import { program } from './program.js';
import { complain, err } from './terminal.js';

/** What stands after an error that is not the user's. */
const PLEASE = 'please report it, with what you did; SIGNALBOX_DEBUG=1 shows where it happened';

function fault(error: unknown): number {
  const message = error instanceof Error ? error.message : String(error);
  const code = errorCode(error);
  // A full disk or a folder that may not be written to is no bug of ours.
  const system =
    error instanceof Hindrance ||
    (code?.startsWith('E') === true && error instanceof Error && 'syscall' in error);
  if (system) complain(message);
  else {
    complain(`internal error: ${message}`);
    complain(PLEASE);
  }
  if (process.env.SIGNALBOX_DEBUG === '1' && error instanceof Error)
    for (const line of (error.stack ?? '').split('\n')) err(line);
  return system ? EXIT.failed : EXIT.bug;
}

async function main(): Promise<void> {
  try {
    await program().parseAsync(process.argv);
  } catch (error) {
    // Whatever was begun (a daemon of our own, with its timers) must not keep us here.
    if (!(error instanceof CommanderError)) process.exit(fault(error));
    // Commander has said what is wrong, or has printed the help that was asked for.
    process.exitCode = error.exitCode === 0 ? EXIT.complete : EXIT.usage;
  }
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Whoever read has seen enough (`signalbox plan … | head`).
  if (error.code === 'EPIPE') process.exit();
  throw error;
});
// Nobody reads the rest: nothing is left to be said, and what was asked for goes on.
process.stderr.on('error', () => undefined);
process.on('uncaughtException', error => {
  process.exit(fault(error));
});
await main();
