import { lstatSync, readdirSync, statSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode } from '../../bus-schema/store/errors.js';
import { ensureFolder, removeAll } from '../../bus-schema/store/folder.js';
import { workspaceLayout } from '../../bus-schema/workspace.js';

/** A folder with more names than that is not looked through to its end. */
const MOST_NAMES = 10_000;

/** Messages of agents and workers, and what a write that was cut off left. */
const OLD_MESSAGE = /^(scout|task-manager|worker-.+)-(in|out)box\.(json|md)$/;
const WORKER_MESSAGE = /^worker-.+-(in|out)box\.(json|md)$/;
const LEFT_OVER = /^\.signalbox-\d+-\d+-\d+$/;

/** Makes what is missing of a session folder. What has the name of one of its folders and is none is in the way. */
export function ensureWorkspace(folder: string): void {
  ensureFolder(folder);
  for (const name of [workspaceLayout.messages, workspaceLayout.locks]) {
    const path = join(folder, name);
    ensureFolder(path);
    if (!lstatSync(path).isDirectory()) throw new Error(`${path} is a link, not a folder`);
  }
}

export function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    // That it cannot be looked at does not mean that it is gone.
    return errorCode(error) !== 'ENOENT' && errorCode(error) !== 'ENOTDIR';
  }
}

/** Removes messages and locks of an earlier run; what else lies there is not ours. */
export function clearWorkspace(
  folder: string,
  { workersOnly, before }: { readonly workersOnly: boolean; readonly before: number },
): void {
  const clear = (name: string, pattern: RegExp): void => {
    const below = join(folder, name);
    for (const file of namesIn(below)) {
      const path = join(below, file);
      const stat = pattern.test(file) ? lstatSync(path, { throwIfNoEntry: false }) : undefined;
      if (stat !== undefined && stat.mtimeMs < before) removeAll(path);
    }
  };
  clear(workspaceLayout.messages, workersOnly ? WORKER_MESSAGE : OLD_MESSAGE);
  clear(workspaceLayout.locks, /\.lock$/);
  clear('.', LEFT_OVER);
}

/** Names in a folder, none if there is no such folder. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).slice(0, MOST_NAMES);
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return [];
  }
}

export function unlinkIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}
