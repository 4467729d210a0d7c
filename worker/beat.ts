import { closeSync, lutimesSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { layout } from '../bus-schema/layout.js';
import type { Lease } from '../bus-schema/lease.js';
import { errorCode } from '../bus-schema/store/errors.js';
import { isGone } from '../bus-schema/store/folder.js';
import { readIfThere } from '../bus-schema/store/read-file.js';
import { log } from './log.js';
import type { Station } from './station.js';

/** Touches the heartbeat file: its time of change is the sign of life. `bus-gone` when there is no bus any more. */
export function beat(station: Station): 'beaten' | 'bus-gone' {
  const path = join(station.bus, layout.heartbeat(station.worker));
  try {
    touch(path);
  } catch (error) {
    if (isGone(station.bus)) return 'bus-gone';
    log('warn', 'cannot beat', { path, error });
  }
  return 'beaten';
}

function touch(path: string): void {
  const now = new Date();
  try {
    // Whatever has the name: a link is touched itself, not what it leads to.
    lutimesSync(path, now, now);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    closeSync(openSync(path, 'a', 0o600));
  }
}

/** Whether a daemon runs for this bus; what cannot be read tells of none. */
export function hasDaemon(station: Station): boolean {
  try {
    const text = readIfThere(join(station.bus, layout.daemonInfo));
    // Written by our daemon as a whole; a schema would cost more than all the rest of this process.
    return text !== undefined && station.enclosure.isRunning((JSON.parse(text) as Lease).holder);
  } catch {
    return false;
  }
}
