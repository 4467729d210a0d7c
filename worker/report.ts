import { join } from 'node:path';
import type { StartOrder } from '../bus-schema/assignment.js';
import { eventName } from '../bus-schema/event-name.js';
import { layout } from '../bus-schema/layout.js';
import type { OwnMessage } from '../bus-schema/message.js';
import type { Exit, Outcome } from '../bus-schema/outcome.js';
import { isGone } from '../bus-schema/store/folder.js';
import { createFile } from '../bus-schema/store/write-file.js';
import { log } from './log.js';
import type { Station } from './station.js';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5000;

/** How an attempt ended, as this worker saw it. */
export interface End {
  readonly outcome: Outcome;
  /** Absent when no command was started, or it would not die. */
  readonly exit?: Exit | undefined;
}

/**
 * Drops the event file that tells the outcome. A full or failing disk is waited out: an outcome must not be lost. Only
 * when the bus itself is gone there is nobody left to tell.
 */
export async function report(station: Station, order: StartOrder, end: End): Promise<void> {
  const message = messageOf(station, order, end);
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      drop(station, order, message);
      return;
    } catch (error) {
      log('error', 'cannot report an outcome; trying again', { attempt: order.attempt, error });
      if (isGone(station.bus)) return;
    }
    await new Promise(resolve => setTimeout(resolve, pause));
  }
}

/**
 * Where the plain name is taken, an agent, another run or an earlier attempt used it; where the attempt's own is, its
 * command told of itself. The last one is ours alone, and an attempt reports once.
 */
function drop(
  station: Station,
  order: StartOrder,
  message: OwnMessage & { type: 'TASK_COMPLETE' | 'TASK_FAILED' },
): void {
  const body = `${JSON.stringify(message)}\n`;
  for (const name of [
    eventName(message.type, order.task),
    eventName(message.type, order.task, order.attempt),
    eventName(message.type, order.task, `${order.attempt}.exit`),
  ]) {
    const path = join(station.bus, layout.event(name));
    // What is lost with the machine's power, the next boot knows to be lost: no sync needed.
    if (createFile(station.bus, path, body, { durable: false }) === 'created') return;
  }
}

function messageOf(
  station: Station,
  order: StartOrder,
  { outcome, exit }: End,
): OwnMessage & { type: 'TASK_COMPLETE' | 'TASK_FAILED' } {
  return {
    id: `${order.attempt}-exit`,
    type: outcome.kind === 'complete' ? 'TASK_COMPLETE' : 'TASK_FAILED',
    source: station.worker,
    timestamp: new Date().toISOString(),
    payload: {
      task_id: order.task,
      run_id: order.run,
      attempt_id: order.attempt,
      token: order.token,
      worker_id: station.worker,
      outcome,
      ...(exit !== undefined && { exit }),
      ...(outcome.kind !== 'complete' && { error: outcome.message }),
    },
  };
}
