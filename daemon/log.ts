import { pino, type Logger } from 'pino';

export type DaemonLog = Logger;

/**
 * The daemon's own log, one JSON line a happening. Synchronous: with a buffer, or a thread between, the last lines before
 * a kill -9 are lost, and those are the ones that are wanted.
 */
export function openDaemonLog(path: string): DaemonLog {
  const destination = pino.destination({ dest: path, sync: true, mode: 0o600 });
  return pino({ base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime }, destination);
}
