import { existsSync, readdirSync, statfsSync, statSync, unlinkSync, watch } from 'node:fs';
import { join } from 'node:path';
import { eventName } from '../../../bus-schema/event-name.js';
import { BUS_FOLDERS, layout } from '../../../bus-schema/layout.js';
import { createFile } from '../../../bus-schema/store/write-file.js';
import { checkBus, type BusPlace } from '../../bus/open-bus.js';
import { formatDiagnostic } from '../../../bus-schema/diagnostic.js';
import { loadConfig } from '../../settings.js';
import { bad, doubtful, fine, type Finding } from './finding.js';

const MIB = 1024 ** 2;
/** With less than this, a run of any size may not be able to write what happened. */
const SCARCE_BYTES = 64 * MIB;
const LOW_BYTES = 1024 * MIB;
const HINT_WITHIN_MS = 1000;

/** File systems by the number the kernel gives them: those that reach over a network, or do not last. */
const REMOTE: Readonly<Record<number, string>> = {
  0x6969: 'NFS',
  0x517b: 'SMB',
  0xff534d42: 'CIFS',
  0xfe534d42: 'SMB',
  0x01021997: '9p',
  0x65735546: 'FUSE',
  0x00c36400: 'Ceph',
  0x5346414f: 'AFS',
  0x73757245: 'Coda',
  0x0bd00bd0: 'Lustre',
  0x47504653: 'GPFS',
  0x19830326: 'BeeGFS',
};
const FLEETING: Readonly<Record<number, string>> = { 0x01021994: 'tmpfs', 0x858458f6: 'ramfs' };

/** What the bus's folder is like, from outside: its place, its owner, what lies in it. */
export async function folderFindings(place: BusPlace): Promise<Finding[]> {
  const { bus } = place;
  const access = accessFindings(bus);
  // In a bus that may not be used nothing is touched.
  if (access.some(({ state }) => state === 'bad')) return access;
  return [
    ...access,
    configFinding(place),
    fileSystemFinding(statfsSync(bus).type),
    diskFinding(statfsSync(bus)),
    await watchFinding(bus),
    quarantineFinding(bus),
  ];
}

function accessFindings(bus: string): Finding[] {
  const name = 'bus';
  const checked = checkBus(bus);
  if (!checked.ok)
    return [bad(name, checked.error.message, checked.error.remedy ?? 'Name another bus with --bus')];
  const missing = BUS_FOLDERS.filter(folder => !existsSync(join(bus, folder)));
  const { mode, uid } = statSync(bus);
  const shown = `0${(mode & 0o777).toString(8)}`;
  const findings =
    (mode & 0o077) === 0
      ? [fine(name, `${bus}, of user ${uid}, mode ${shown}`)]
      : [doubtful(name, `${bus} may be read by others, mode ${shown}`, `Close it with: chmod 700 ${bus}`)];
  if (missing.length === 0) return findings;
  return [
    ...findings,
    bad(name, `there is no ${missing.join(', ')} in it`, 'Make what is missing with `signalbox init`'),
  ];
}

function configFinding({ bus, repo }: BusPlace): Finding {
  const config = loadConfig(bus, repo);
  if (config.ok) return fine('config', 'can be read');
  const [first] = config.error;
  const more = config.error.length > 1 ? ` (and ${config.error.length - 1} more)` : '';
  return bad(
    'config',
    `${first === undefined ? '' : formatDiagnostic(first)}${more}`,
    'Put the config right',
  );
}

/** @param type the kernel's number of a file system, which may come as a negative one. */
export function fileSystemFinding(type: number): Finding {
  const name = 'file system';
  const magic = type >>> 0;
  const remote = REMOTE[magic];
  if (remote !== undefined) {
    return doubtful(
      name,
      `${remote}: over a network, locks and watches may not hold as they do on a local disk`,
      'Put the bus on a local disk, with --bus',
    );
  }
  const fleeting = FLEETING[magic];
  if (fleeting === undefined) return fine(name, `local (type 0x${magic.toString(16)})`);
  return doubtful(
    name,
    `${fleeting}: what is in memory does not outlive a reboot`,
    'Put the bus on a disk if its runs matter beyond that',
  );
}

function diskFinding({ bavail, bsize }: { bavail: number; bsize: number }): Finding {
  const free = bavail * bsize;
  const shown = `${Math.floor(free / MIB)} MiB free`;
  const remedy = 'Make room: a full disk stops the daemon';
  if (free < SCARCE_BYTES) return bad('disk', shown, remedy);
  return free < LOW_BYTES ? doubtful('disk', shown, remedy) : fine('disk', shown);
}

/** Whether a new event is noticed at once. The file is of a kind that the daemon passes over. */
async function watchFinding(bus: string): Promise<Finding> {
  const folder = join(bus, layout.events);
  const file = eventName('DEP_READY', `doctor-${process.pid}-${Date.now()}`);
  const remedy = 'Raise fs.inotify.max_user_watches and max_user_instances, or use a local disk';
  const late = 'events are looked for every 2 s';
  try {
    const heard = await new Promise<boolean>((resolve, reject) => {
      const watcher = watch(folder, (_kind, name) => {
        if (name === file) settle(true);
      });
      const timer = setTimeout(() => settle(false), HINT_WITHIN_MS);
      const settle = (answer: boolean): void => {
        clearTimeout(timer);
        watcher.close();
        resolve(answer);
      };
      watcher.on('error', reject);
      createFile(bus, join(folder, file), '', { durable: false });
      unlinkSync(join(folder, file));
    });
    return heard
      ? fine('watch', 'new events are noticed at once')
      : doubtful('watch', `a new event was not noticed within ${HINT_WITHIN_MS} ms; ${late}`, remedy);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return doubtful('watch', `events cannot be watched (${why}); ${late}`, remedy);
  }
}

function quarantineFinding(bus: string): Finding {
  const folder = join(bus, layout.quarantine);
  const count = existsSync(folder) ? readdirSync(folder).filter(name => !name.endsWith('.reason')).length : 0;
  return count === 0
    ? fine('quarantine', 'empty')
    : doubtful(
        'quarantine',
        `${count} ${count === 1 ? 'file that was' : 'files that were'} refused`,
        `Each has its reason beside it: ${join(folder, '*.reason')}`,
      );
}
