import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { decodeJson } from '../../../bus-schema/codec.js';
import { DEFAULTS } from '../../../bus-schema/config.js';
import type { ContainmentKind } from '../../../bus-schema/containment.js';
import { formatDuration } from '../../../bus-schema/duration.js';
import { ID_PATTERN, type WorkerId } from '../../../bus-schema/ids.js';
import { layout } from '../../../bus-schema/layout.js';
import { leaseSchema } from '../../../bus-schema/lease.js';
import { ownVersion } from '../../../bus-schema/store/own-version.js';
import { isRunning } from '../../../bus-schema/store/process-identity.js';
import { readIfThere } from '../../../bus-schema/store/read-file.js';
import type { BusPlace } from '../../bus/open-bus.js';
import type { State } from '../../scheduler/state.js';
import { loadConfig } from '../../settings.js';
import type { Sign } from '../sign.js';
import { doubtful, fine, type Finding } from './finding.js';

/** After so many missed beats a worker is taken for frozen. */
const MISSED_BEATS = 3;

/** Who works on the bus now. */
export function processFindings(place: BusPlace, sign: Sign, state: State | undefined): Finding[] {
  return [daemonFinding(sign, state), ...workerFindings(place, state)];
}

function daemonFinding(sign: Sign, state: State | undefined): Finding {
  const name = 'daemon';
  const open = state?.active.size ?? 0;
  if (!sign.up) {
    if (open === 0) return fine(name, 'none holds the bus, and none is needed');
    const runs = open === 1 ? '1 run is' : `${open} runs are`;
    return doubtful(name, `none holds the bus, and ${runs} not finished`, 'Go on with `signalbox up`');
  }
  const { lease } = sign;
  if (lease === undefined)
    return doubtful(
      name,
      'one holds the bus, but daemon.json does not say which',
      'End it and start it anew',
    );
  const who = `process ${lease.holder.pid}, version ${lease.version}, since ${lease.startedAt}`;
  if (lease.polling !== undefined)
    return doubtful(
      name,
      `${who}; it is polling every 2 s, since nothing can be watched (${lease.polling})`,
      'See fs.inotify.max_user_instances and max_user_watches, then start it anew',
    );
  if (lease.version === ownVersion()) return fine(name, who);
  return doubtful(
    name,
    `${who}; this is version ${ownVersion()}`,
    'Start it anew: `signalbox down`, `signalbox up`',
  );
}

function workerFindings(place: BusPlace, state: State | undefined): Finding[] {
  const folder = join(place.bus, layout.workers);
  const ids = existsSync(folder) ? readdirSync(folder).filter(name => ID_PATTERN.test(name)) : [];
  const config = loadConfig(place.bus, place.repo);
  const heartbeatMs = (config.ok ? config.value.heartbeat : undefined) ?? DEFAULTS.heartbeatMs;
  const looks = ids.map(id => lookAtWorker(place.bus, id as WorkerId, heartbeatMs));
  const findings: Finding[] = [];
  for (const { id, alive, silentMs } of looks) {
    const busy = state?.slots.get(id)?.node.task.id;
    if (!alive && busy !== undefined)
      findings.push(
        doubtful(
          'worker',
          `${id} is gone, and its task ${busy} is open`,
          'A daemon settles it: `signalbox up`',
        ),
      );
    if (alive && silentMs !== undefined && silentMs > heartbeatMs * MISSED_BEATS)
      findings.push(
        doubtful(
          'worker',
          `${id} runs, but its last beat was ${formatDuration(silentMs)} ago`,
          'The daemon replaces one that is frozen; is the machine overloaded?',
        ),
      );
  }
  const alive = looks.filter(look => look.alive).map(look => `${look.id} (${look.containment})`);
  return [...findings, fine('workers', alive.length === 0 ? 'none runs' : `alive: ${alive.join(', ')}`)];
}

/** By its process, not its lock: trying that could keep a worker out that starts at this moment. */
function lookAtWorker(
  bus: string,
  id: WorkerId,
  heartbeatMs: number,
): { id: WorkerId; alive: boolean; silentMs: number | undefined; containment: ContainmentKind } {
  const text = readIfThere(join(bus, layout.workerInfo(id)));
  const read = text === undefined ? undefined : decodeJson(text, leaseSchema);
  const lease = read?.ok === true ? read.value : undefined;
  const beat = statSync(join(bus, layout.heartbeat(id)), { throwIfNoEntry: false });
  const started = lease === undefined ? 0 : Date.parse(lease.startedAt);
  const last = Math.max(beat?.mtimeMs ?? 0, started + heartbeatMs);
  return {
    id,
    alive: lease !== undefined && isRunning(lease.holder),
    containment: lease?.containment?.kind ?? 'group',
    silentMs: lease === undefined ? undefined : Date.now() - last,
  };
}
