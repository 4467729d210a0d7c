import {
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  linkSync,
  openSync,
  realpathSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { layout } from '../layout.js';
import { errorCode } from './errors.js';

/**
 * New files come into sight whole: written in the bus's `staging` folder (same file system, never watched), then
 * renamed over what was there or linked to a name that must be free. Durable ones are synced before they come into
 * sight, and their folder after.
 */
export interface WriteOptions {
  readonly durable: boolean;
  /** Default 0600. */
  readonly mode?: number;
}

let staged = 0;

/** Puts a file in the place of whatever has that name. Throws what the system says. */
export function replaceFile(
  bus: string,
  path: string,
  content: string | Uint8Array,
  options: WriteOptions,
): void {
  const temporary = stage(stagingOf(bus), content, options);
  moveInto(temporary, path);
  if (options.durable) syncFolder(dirname(path));
}

/**
 * Puts a file, 0600 and not synced, in the place of whatever has that name in a folder that is no bus. It is made as a
 * hidden file of that very folder, so the name may lead into a folder below, and no link is followed to write it.
 */
export function replaceWithin(folder: string, name: string, content: string): void {
  moveInto(stage(`${folder}/.signalbox-`, content, { durable: false }), join(folder, name));
}

function moveInto(temporary: string, path: string): void {
  try {
    renameSync(temporary, path);
  } catch (error) {
    unlinkSync(temporary);
    throw error;
  }
}

/** Puts a file at a name that is free; says `taken`, and changes nothing, when it is not. */
export function createFile(
  bus: string,
  path: string,
  content: string | Uint8Array,
  options: WriteOptions,
): 'created' | 'taken' {
  const temporary = stage(stagingOf(bus), content, options);
  try {
    linkSync(temporary, path);
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return 'taken';
    throw error;
  } finally {
    unlinkSync(temporary);
  }
  if (options.durable) syncFolder(dirname(path));
  return 'created';
}

/**
 * Replaces a file that stands outside the bus, perhaps on another file system: its new text is made beside it. Where the
 * name is a symbolic link, the file it leads to is replaced.
 */
export function replaceForeignFile(path: string, content: string, mode: number): void {
  const target = realpathSync(path);
  const temporary = join(dirname(target), `.${basename(target)}.${process.pid}-${staged++}`);
  const flags = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW;
  const fd = openSync(temporary, flags, 0o600);
  try {
    fchmodSync(fd, mode); // what is given to `open` loses the bits of the umask
    writeWhole(fd, content);
    fsyncSync(fd);
    renameSync(temporary, target);
  } catch (error) {
    unlinkSync(temporary);
    throw error;
  } finally {
    closeSync(fd);
  }
}

const stagingOf = (bus: string): string => `${join(bus, layout.staging)}/`;

/** @param prefix of the temporary file's path. */
function stage(prefix: string, content: string | Uint8Array, options: WriteOptions): string {
  const temporary = `${prefix}${process.pid}-${staged++}-${Date.now()}`;
  const fd = openSync(
    temporary,
    constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW,
    options.mode ?? 0o600,
  );
  try {
    writeWhole(fd, content);
    if (options.durable) fsyncSync(fd);
  } catch (error) {
    unlinkSync(temporary); // on a full disk, each new try would leave one more
    throw error;
  } finally {
    closeSync(fd);
  }
  return temporary;
}

/** Writes all of it; a full disk can take a part and say so only at the next call. */
export function writeWhole(fd: number, content: string | Uint8Array): void {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  let written = 0;
  while (written < bytes.length) written += writeSync(fd, bytes, written, bytes.length - written);
}

/** A new name is durable only when its folder is. */
export function syncFolder(folder: string): void {
  const fd = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
