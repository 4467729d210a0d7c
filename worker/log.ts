import type { Logger } from 'pino';

/**
 * The worker's own log, for what its operator should know; what happens to attempts goes to the bus. The library is
 * loaded with the first line, and not before `openLog`: it would delay the first command and cost megabytes in a worker
 * that has nothing to say.
 */
type Level = 'info' | 'warn' | 'error';
type Line = readonly [level: Level, text: string, fields: Readonly<Record<string, unknown>>];

const waiting: Line[] = [];
let open = false;
let logger: Promise<Logger> | undefined;

/** Notes a line. Lines of one worker are few: they tell of faults. */
export function log(level: Level, text: string, fields: Readonly<Record<string, unknown>> = {}): void {
  waiting.push([level, text, fields]);
  if (open) void flushLog();
}

/** From now on lines are written as they come. */
export function openLog(): void {
  open = true;
  void flushLog();
}

/** Writes what waits; settles when it is in the file. */
export async function flushLog(): Promise<void> {
  if (waiting.length === 0) return;
  logger ??= load();
  const ready = await logger;
  for (const [level, text, fields] of waiting.splice(0)) ready[level](fields, text);
}

async function load(): Promise<Logger> {
  const { default: pino } = await import('pino');
  // Synchronous: the last lines before a kill are the ones that matter.
  const destination = pino.destination({ fd: 2, sync: true });
  // A line that a full disk does not take must not end the worker, and with it the outcome that it has to tell.
  destination.on('error', () => undefined);
  return pino({ base: { pid: process.pid }, errorKey: 'error' }, destination);
}
