import { join } from 'node:path';
import type { Order, StartOrder } from '../bus-schema/assignment.js';
import type { WorkerId } from '../bus-schema/ids.js';
import { layout } from '../bus-schema/layout.js';
import type { Lease } from '../bus-schema/lease.js';
import type { Exit } from '../bus-schema/outcome.js';
import { unreachable } from '../bus-schema/result.js';
import { ensureFolder } from '../bus-schema/store/folder.js';
import { tryLock } from '../bus-schema/store/kernel-lock.js';
import { ownVersion } from '../bus-schema/store/own-version.js';
import { replaceFile } from '../bus-schema/store/write-file.js';
import { AttemptLog } from '../worker/attempt-log.js';
import { beat } from '../worker/beat.js';
import { claimAttempt } from '../worker/claim.js';
import { enclosureOf } from '../worker/enclosure.js';
import { OrderFile } from '../worker/order-file.js';
import { report } from '../worker/report.js';
import { ResidentShell } from '../worker/resident-shell.js';
import type { Station } from '../worker/station.js';

/**
 * A worker that starts nothing: it follows its orders, claims each attempt, makes its log, and reports that it is complete,
 * all by the worker's own modules. What is left of a task is what the bus costs. It takes its lock and writes its lease by
 * itself, so that a daemon that comes finds it as one that an earlier daemon left, and adopts it; nothing in the daemon or in
 * the real worker knows of it. Started by `idle-bus.ts`, as: idle-worker.ts <bus> <worker-id>
 */
const [bus = '', worker = ''] = process.argv.slice(2);
const HEARTBEAT_MS = 5000;
const NOTHING: Exit = { code: 0, signal: null, durationMs: 0 };

const enclosure = enclosureOf('group', () => []);
const station: Station = {
  ...{ bus, worker: worker as WorkerId, enclosure },
  ...{ heartbeatMs: HEARTBEAT_MS, idleExitMs: Infinity },
  ...{ shell: new ResidentShell(), shellEnvironment: {} },
};

ensureFolder(join(bus, layout.worker(station.worker)));
const lock = tryLock(join(bus, layout.workerLock(station.worker)));
if (lock.kind !== 'held') throw new Error(`${worker} cannot have its lock`);
beat(station);
const orders = new OrderFile(join(bus, layout.assignments(station.worker)), take);
writeLease();
setInterval(() => {
  if (beat(station) === 'bus-gone') process.exit(0);
  orders.look();
}, HEARTBEAT_MS);

/** One after the other, as a worker does it. */
let turn = Promise.resolve();

function take(order: Order): void {
  switch (order.do) {
    case 'start':
      turn = turn.then(() => carryOut(order));
      break;
    case 'stop':
      break;
    case 'retire':
      process.exit(0);
      break;
    default:
      unreachable(order);
  }
}

async function carryOut(order: StartOrder): Promise<void> {
  if (claimAttempt(station, order).kind !== 'taken') return;
  new AttemptLog(join(bus, layout.attemptLog(order.run, order.attempt)), order.logCapBytes).close();
  await report(station, order, { outcome: { kind: 'complete' }, exit: NOTHING });
}

function writeLease(): void {
  const lease: Lease = {
    ...{ holder: enclosure.own, version: ownVersion() },
    ...{ startedAt: new Date().toISOString(), containment: enclosure.containment },
  };
  const text = `${JSON.stringify(lease)}\n`;
  replaceFile(bus, join(bus, layout.workerInfo(station.worker)), text, { durable: false });
}
