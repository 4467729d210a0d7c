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

const undone = new Map<string, () => void>();

export function newFolder(): string {
  const folder = realpathSync(mkdtempSync(join(GROUND, 'signalbox-bench-')));
  // A bench that is interrupted leaves no folder behind; workers whose bus is gone end by themselves.
  undone.set(
    folder,
    atExit(() => {
      rmSync(folder, REMOVE);
    }),
  );
  return folder;
}

export function removeFolder(folder: string): void {
  rmSync(folder, REMOVE);
  undone.get(folder)?.();
  undone.delete(folder);
}

export async function inNewFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = newFolder();
  try {
    return await work(folder);
  } finally {
    removeFolder(folder);
  }
}

/** Whether a sync costs anything there. */
export const isOnDisk = (): boolean => statfsSync(GROUND).type !== TMPFS;
