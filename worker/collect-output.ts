import {
  closeSync,
  constants,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  statSync,
  unlinkSync,
} from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import type { StartOrder } from '../bus-schema/assignment.js';
import { errorCode } from '../bus-schema/store/errors.js';
import { writeWhole } from '../bus-schema/store/write-file.js';

/** What stood where an output is expected: something that changes when the file is written. */
export type Footprint = string | undefined;

export type Collected =
  /** The task wrote its output itself, or has none to write. */
  | { readonly kind: 'none' }
  | { readonly kind: 'written'; readonly path: string }
  | { readonly kind: 'kept'; readonly warning: string }
  | { readonly kind: 'refused'; readonly problem: string };

const CHUNK_BYTES = 64 * 1024;

/** To be taken before a task's command starts, so that afterwards it can be told whose file stands there. */
export function footprintOf({ cwd, output }: StartOrder): Footprint {
  if (output === undefined) return undefined;
  const stat = statSync(resolve(cwd, output), { throwIfNoEntry: false, bigint: true });
  return stat?.isFile() === true ? `${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}` : undefined;
}

/**
 * Puts what a complete command printed where its output is expected, if it left nothing there: into the file, or, if
 * the output is a folder that is empty, into `<task>.md` in it. What is there already is never touched.
 * @param log descriptor of the attempt's log, of which the first `bytes` are the command's own.
 */
export function collectOutput(
  order: StartOrder,
  before: Footprint,
  log: { readonly fd: number; readonly bytes: number },
): Collected {
  const { cwd, output } = order;
  if (output === undefined || !isAllowed(cwd, output)) return { kind: 'none' };
  try {
    const path = placeFor(order, resolve(cwd, output), output.endsWith('/'));
    if (path === undefined) return { kind: 'none' };
    if (copyNew(path, log)) return { kind: 'written', path };
    if (log.bytes === 0 || before === undefined || footprintOf(order) !== before) return { kind: 'none' };
    return {
      kind: 'kept',
      warning: `${output} was there before and is left as it was; what was printed is in the log`,
    };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { kind: 'refused', problem: `its output cannot be put into ${output}: ${why}` };
  }
}

/** Only an absolute path may lead out of the repo. */
function isAllowed(cwd: string, output: string): boolean {
  return (
    output.startsWith('/') || `${resolve(cwd, output)}${sep}`.startsWith(cwd === sep ? sep : `${cwd}${sep}`)
  );
}

/** The file to be made; nothing if the output is a folder with something in it. */
function placeFor({ task }: StartOrder, path: string, folderWanted: boolean): string | undefined {
  if (!folderWanted && statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) {
    mkdirSync(dirname(path), { recursive: true });
    return path;
  }
  mkdirSync(path, { recursive: true });
  return readdirSync(path).length === 0 ? join(path, `${task}.md`) : undefined;
}

/** Makes a file whole under another name first. False if the name is taken. */
function copyNew(path: string, { fd, bytes }: { readonly fd: number; readonly bytes: number }): boolean {
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) return false;
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}-${Date.now()}`);
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
  const to = openSync(temporary, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW, 0o666);
  try {
    copyBytes(fd, to, bytes);
    fsyncSync(to);
    linkSync(temporary, path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    closeSync(to);
    unlinkSync(temporary);
  }
}

function copyBytes(from: number, to: number, bytes: number): void {
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  for (let done = 0; done < bytes;) {
    const read = readSync(from, chunk, 0, Math.min(CHUNK_BYTES, bytes - done), done);
    if (read === 0) return;
    writeWhole(to, chunk.subarray(0, read));
    done += read;
  }
}
