import { closeSync, constants, fstatSync, openSync, readFileSync, readSync, type Stats } from 'node:fs';
import { fail, ok, type Result } from '../result.js';
import { errorCode } from './errors.js';

/** Drops larger than this are no messages. */
export const DROP_LIMIT_BYTES = 256 * 1024;

export interface DropFile {
  readonly text: string;
  readonly inode: number;
  readonly mtimeMs: number;
  readonly uid: number;
}

/**
 * `vanished` is no error: someone else dealt with it. `unfinished` has a second name still: a writer of ours has linked it
 * into sight and not yet removed the staged name; look again, and refuse it when that lasts.
 */
export type DropFault =
  | { readonly kind: 'vanished' }
  | { readonly kind: 'unfinished' }
  /** The machine is short of something, which says nothing about the file: it is to be read later, however long that takes. */
  | { readonly kind: 'hindered'; readonly why: string }
  | { readonly kind: 'refused'; readonly why: string };

/**
 * Reads a file that anyone may have put there: never through a link, never waiting (a FIFO would block for ever), never
 * another user's, never more than the limit. Only a regular file with one name passes, or one whose second name the caller
 * knows to be a writer's own.
 */
export function readDrop(
  path: string | Buffer,
  allowedUids: readonly number[],
  limit = DROP_LIMIT_BYTES,
  isStaged: (inode: number) => boolean = () => false,
): Result<DropFile, DropFault> {
  return readRegular(path, constants.O_NOFOLLOW, limit, stat => {
    if (stat.nlink > 2) return refused('it has more than one name (hard links)');
    if (!allowedUids.includes(stat.uid)) return refused(`it belongs to user ${stat.uid}`);
    return stat.nlink > 1 && !isStaged(stat.ino) ? fail({ kind: 'unfinished' }) : undefined;
  });
}

/** Reads a file that the user named: whoever owns it and however it is reached, but regular and within the limit. */
export function readNamedFile(path: string, limit: number): Result<DropFile, DropFault> {
  return readRegular(path, 0, limit, () => undefined);
}

type Refusal = Result<never, DropFault>;

const refused = (why: string): Refusal => fail({ kind: 'refused', why });

function readRegular(
  path: string | Buffer,
  flags: number,
  limit: number,
  objectionTo: (stat: Stats) => Refusal | undefined,
): Result<DropFile, DropFault> {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | flags);
  } catch (error) {
    return whyNotRead(errorCode(error) ?? String(error));
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) return refused('it is no regular file');
    const objection = objectionTo(stat);
    if (objection !== undefined) return objection;
    const text = stat.size > limit ? undefined : readUpTo(fd, limit);
    if (text === undefined) return refused(`it is larger than ${limit} bytes`);
    return ok({ text, inode: stat.ino, mtimeMs: stat.mtimeMs, uid: stat.uid });
  } catch (error) {
    return whyNotRead(errorCode(error) ?? String(error));
  } finally {
    closeSync(fd);
  }
}

/** What is wrong with the file itself. Anything else is the machine's: no descriptors or memory left, or a disk that fails. */
const REFUSALS = new Set([
  'ELOOP',
  'EACCES',
  'EPERM',
  'EISDIR',
  'ENXIO',
  'ENODEV',
  'ENOTDIR',
  'ENAMETOOLONG',
  'EINVAL',
  'EOVERFLOW',
]);

function whyNotRead(code: string): Result<never, DropFault> {
  if (code === 'ENOENT') return fail({ kind: 'vanished' });
  if (/^E[A-Z]+$/.test(code) && !REFUSALS.has(code))
    return fail({ kind: 'hindered', why: `it cannot be read now (${code})` });
  return refused(code === 'ELOOP' ? 'it is a symbolic link' : `it cannot be read (${code})`);
}

/** Read into by everyone: nothing here waits. A buffer of its own for each event would be most of the daemon's garbage. */
const piece = Buffer.allocUnsafe(64 * 1024);

/** The file may grow while it is read; undefined when it grows past the limit. */
function readUpTo(fd: number, limit: number): string | undefined {
  const parts: Buffer[] = [];
  let total = 0;
  for (;;) {
    const count = readSync(fd, piece, 0, piece.length, null);
    if (count === 0) return Buffer.concat(parts).toString('utf8');
    total += count;
    if (total > limit) return undefined;
    parts.push(Buffer.from(piece.subarray(0, count)));
  }
}

/**
 * The text of a file of ours, or undefined where there is none. What else may have its name (a FIFO, at which a reader would
 * wait for ever, a folder, a device) is none of ours.
 */
export function readIfThere(path: string): string | undefined {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (NOT_OURS.has(errorCode(error) ?? '')) return undefined;
    throw error;
  }
  try {
    return fstatSync(fd).isFile() ? readFileSync(fd, 'utf8') : undefined;
  } finally {
    closeSync(fd);
  }
}

/** Nothing there, a link that leads nowhere, a socket. */
const NOT_OURS = new Set(['ENOENT', 'ELOOP', 'ENXIO']);
