import { mkdtempSync, realpathSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { atExit } from './at-exit.js';

/** Root of the repo. */
export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** Where folders for the benches are made: on a disk, or the durable tools sync to nothing. */
const GROUND = process.env.SIGNALBOX_BENCH_FOLDER ?? tmpdir();
const TMPFS = 0x01021994;

/** Workers that are on their way out may still write there. */
const REMOVE = { recursive: true, force: true, maxRetries: 10, retryDelay: 50 } as const;

/**
 * A folder that goes when the bench ends, not before: where ext4 keeps no journal it does not give the number of a removed
 * file away for some seconds, and looks past all of them for each file that is made. The next tool would pay for what the
 * last one left. Workers whose bus is gone end by themselves.
 */
export function newFolder(): string {
  const folder = realpathSync(mkdtempSync(join(GROUND, 'signalbox-bench-')));
  atExit(() => {
    rmSync(folder, REMOVE);
  });
  return folder;
}

export const inNewFolder = <T>(work: (folder: string) => T): T => work(newFolder());

/** Whether a sync costs anything there. */
export const isOnDisk = (): boolean => statfsSync(GROUND).type !== TMPFS;
