import fsExtra from 'fs-extra';

/** Makes a folder and those above it, for its owner alone unless told otherwise. */
export function ensureFolder(path: string, mode = 0o700): void {
  fsExtra.ensureDirSync(path, { mode });
}

/** Removes a file or a whole folder, and is content when there is none. */
export function removeAll(path: string): void {
  fsExtra.removeSync(path);
}
