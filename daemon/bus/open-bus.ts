import { accessSync, constants, existsSync, lstatSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Diagnostic } from '../../bus-schema/diagnostic.js';
import { BUS_FOLDERS, BUS_NAME, layout } from '../../bus-schema/layout.js';
import { fail, ok, type Result } from '../../bus-schema/result.js';
import { errorCode } from '../../bus-schema/store/errors.js';
import { ensureFolder } from '../../bus-schema/store/folder.js';

/** Where a bus is or would be. Its repo, in which commands run, is the folder around it; of a track's bus, the track's repo. */
export interface BusPlace {
  readonly bus: string;
  readonly repo: string;
  readonly exists: boolean;
}

/** The bus that is named, else the nearest one upwards, else a new one beside the nearest `.git`, else one right here. */
export function findBus(from: string, named?: string): BusPlace {
  if (named !== undefined) return placeAt(resolve(from, named));
  const upwards = foldersUpwards(from);
  const home =
    upwards.find(folder => existsSync(join(folder, BUS_NAME))) ??
    upwards.find(folder => existsSync(join(folder, '.git'))) ??
    from;
  return placeAt(join(home, BUS_NAME));
}

/** The bus of a conductor track stands in the track's folder, and its work is all of the repo's. */
function placeAt(bus: string): BusPlace {
  const around = dirname(bus);
  const repo = /^(.*)\/conductor\/tracks\/[^/]+$/.exec(around)?.[1] ?? around;
  return { bus, repo: repo === '' ? '/' : repo, exists: existsSync(bus) };
}

function foldersUpwards(from: string): string[] {
  const folders = [resolve(from)];
  for (let folder = resolve(from); dirname(folder) !== folder; folder = dirname(folder))
    folders.push(dirname(folder));
  return folders;
}

/** Whether an existing bus may be used: ours, and closed to others. Writes nothing. */
export function checkBus(bus: string): Result<void, Diagnostic> {
  let stat;
  try {
    stat = lstatSync(bus);
  } catch (error) {
    return errorCode(error) === 'ENOENT'
      ? ok(undefined)
      : refuse(bus, `it cannot be looked at (${errorCode(error) ?? String(error)})`);
  }
  if (!stat.isDirectory())
    return refuse(bus, 'it is no folder', 'Move it away, or name another bus with --bus');
  const uid = process.getuid?.() ?? stat.uid;
  if (stat.uid !== uid) {
    return refuse(
      bus,
      `it belongs to user ${stat.uid}, and you are user ${uid}`,
      `Run signalbox as its owner, or take it over with: chown -R ${uid} ${bus}`,
    );
  }
  if ((stat.mode & 0o022) !== 0) {
    return refuse(
      bus,
      'other users may write to it, and could give orders',
      `Close it with: chmod go-w ${bus}`,
    );
  }
  return ok(undefined);
}

/** Makes whatever of the bus is missing. Says so when its place cannot be written to. */
export function createBus(bus: string): Result<void, Diagnostic> {
  try {
    ensureFolder(bus);
    for (const folder of BUS_FOLDERS) ensureFolder(join(bus, folder));
    const ignore = join(bus, layout.ignore);
    if (!existsSync(ignore)) writeFileSync(ignore, '*\n', { mode: 0o600 });
    accessSync(bus, constants.W_OK);
    return ok(undefined);
  } catch (error) {
    const code = errorCode(error) ?? String(error);
    return refuse(
      bus,
      `it cannot be written to (${code})`,
      'Make its folder writable, or name another bus with --bus',
    );
  }
}

function refuse(bus: string, message: string, remedy?: string): Result<never, Diagnostic> {
  return fail({
    severity: 'error',
    file: bus,
    message: `the bus cannot be used: ${message}`,
    ...(remedy === undefined ? {} : { remedy }),
  });
}
