import { renameSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunId } from '../bus-schema/ids.js';
import { layout } from '../bus-schema/layout.js';
import { errorCode } from '../bus-schema/store/errors.js';
import { syncFolder } from '../bus-schema/store/write-file.js';

const ASIDE = 'pruned-';
let count = 0;

/**
 * Takes the folders of pruned runs out of sight, each at once and durably, whatever is in them. Removing a folder of many
 * logs takes time that nobody should wait for.
 */
export function setAside(bus: string, runs: readonly RunId[]): void {
  if (runs.length === 0) return;
  for (const run of runs) {
    const to = join(bus, layout.staging, `${ASIDE}${process.pid}-${count++}-${run}`);
    try {
      renameSync(join(bus, layout.run(run)), to);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
    }
  }
  syncFolder(join(bus, layout.runs));
}

/** Removes what was set aside, now or by a daemon that died over it; what cannot be removed is tried by the next. */
export async function removeAside(bus: string): Promise<void> {
  const staging = join(bus, layout.staging);
  try {
    for (const name of await readdir(staging))
      if (name.startsWith(ASIDE)) await rm(join(staging, name), { recursive: true, force: true });
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
  }
}
