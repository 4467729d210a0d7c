import { pino, type Logger } from 'pino';
import { printableJson } from '../bus-schema/printable.js';

export type DaemonLog = Logger;

/**
 * The daemon's own log, one JSON line a happening. Synchronous: with a buffer, or a thread between, the last lines before
 * a kill -9 are lost, and those are the ones that are wanted.
 */
export function openDaemonLog(path: string): DaemonLog {
  const destination = pino.destination({ dest: path, sync: true, mode: 0o600 });
  // A full disk is no reason to end: the log is for people, and goes on when there is room.
  destination.on('error', () => undefined);
  return pino(
    { base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime },
    {
      // The library escapes some of what could act on the terminal of whoever reads the log, and not all.
      write: line => destination.write(printableJson(line)),
    },
  );
}
