import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import type FsExtra from 'fs-extra';

const require = createRequire(import.meta.url);

/** Loaded when it is first needed: it takes 28 ms, and commands that only read never need it. */
const fsExtra = (): typeof FsExtra => require('fs-extra') as typeof FsExtra;

/** Makes a folder and those above it, for its owner alone unless told otherwise. */
export function ensureFolder(path: string, mode = 0o700): void {
  fsExtra().ensureDirSync(path, { mode });
}

/** Whether there is surely none: what a failing disk does not show may be there. */
export function isGone(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) === undefined;
  } catch {
    return false;
  }
}

/** Removes a file or a whole folder, and is content when there is none. */
export function removeAll(path: string): void {
  fsExtra().removeSync(path);
}
