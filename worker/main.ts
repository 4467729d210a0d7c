import { isAbsolute, join } from 'node:path';
import type { WorkerId } from '../bus-schema/ids.js';
import { layout } from '../bus-schema/layout.js';
import type { Lease } from '../bus-schema/lease.js';
import { ownVersion } from '../bus-schema/store/own-version.js';
import { replaceFile } from '../bus-schema/store/write-file.js';
import { beat, hasDaemon } from './beat.js';
import { enclosureOf } from './enclosure.js';
import { shellEnvironment } from './environment.js';
import { flushLog, log, openLog } from './log.js';
import { OrderFile } from './order-file.js';
import { ResidentShell } from './resident-shell.js';
import { Shift } from './shift.js';
import type { Station } from './station.js';

const DEFAULT_HEARTBEAT_MS = 5000;
const DEFAULT_IDLE_EXIT_MS = 60_000;

/** Exit code when the bus is no more. */
const BUS_GONE = 3;

const [bus, worker, enclosed] = process.argv.slice(2);
if (bus === undefined || worker === undefined || !isAbsolute(bus)) {
  process.stderr.write(
    'A worker is started by the daemon, as: main.js <absolute path of the bus> <worker-id> [what holds it]\n',
  );
  process.exitCode = 2;
} else {
  const heartbeatMs = milliseconds('SIGNALBOX_HEARTBEAT_MS', DEFAULT_HEARTBEAT_MS);
  const idleExitMs = milliseconds('SIGNALBOX_IDLE_EXIT_MS', DEFAULT_IDLE_EXIT_MS);
  const shell = new ResidentShell();
  const enclosure = enclosureOf(enclosed, () => shell.pids);
  await serve({
    ...{ bus, worker: worker as WorkerId, enclosure, shell, heartbeatMs, idleExitMs },
    shellEnvironment: shellEnvironment(process.env),
  });
}

async function serve(station: Station): Promise<void> {
  const shift = new Shift(station);
  // Before anything that could be ended by them: we are nobody's foreground job.
  process.on('SIGHUP', () => undefined);
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => shift.leaveNow(0));
  writeLease(station);
  beat(station);
  const orders = new OrderFile(join(station.bus, layout.assignments(station.worker)), order =>
    shift.take(order),
  );
  const timer = setInterval(() => onBeat(station, shift, orders), station.heartbeatMs);
  const exitCode = await shift.over;
  clearInterval(timer);
  orders.close();
  await station.shell.close();
  await flushLog();
  process.exit(exitCode);
}

function onBeat(station: Station, shift: Shift, orders: OrderFile): void {
  openLog();
  if (beat(station) === 'bus-gone') {
    log('error', 'the bus is gone', { bus: station.bus });
    shift.leaveNow(BUS_GONE);
    return;
  }
  shift.beat();
  orders.look();
  if (shift.idleMs >= station.idleExitMs && !hasDaemon(station)) shift.leaveWhenIdle(0);
}

function writeLease(station: Station): void {
  const { own, containment } = station.enclosure;
  const startedAt = new Date().toISOString();
  const lease: Lease = { holder: own, version: ownVersion(), startedAt, containment };
  const path = join(station.bus, layout.workerInfo(station.worker));
  replaceFile(station.bus, path, `${JSON.stringify(lease)}\n`, { durable: false });
}

function milliseconds(name: string, otherwise: number): number {
  const value = Number(process.env[name]);
  return value > 0 ? value : otherwise;
}
