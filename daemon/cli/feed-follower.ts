import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { errorCode } from '../../bus-schema/store/errors.js';

const PIECE_BYTES = 64 * 1024;
/** A line that has no end by then is no message of anybody's; it is given out as it is. */
const LONGEST_LINE = 1024 * 1024;
/** More than nearly every line has; only the end of a long file is read at first. */
const USUAL_LINE = 2048;

/**
 * Reads the lines of a file that others append to, and goes on with the new one when the file is replaced or cut. A line
 * is given out when it is whole.
 */
export class FeedFollower {
  readonly #path: string;
  #from: number;
  #fd: number | undefined;
  #inode = 0;
  #offset = 0;
  #rest: Buffer = Buffer.alloc(0);

  /** @param from byte at which `next` begins in the first file. */
  constructor(path: string, from = 0) {
    this.#path = path;
    this.#from = from;
  }

  /** The last whole lines there are, for a beginning; `next` goes on behind them. */
  last(count: number): string[] {
    this.#open();
    if (this.#fd === undefined) return [];
    const from = Math.max(0, fstatSync(this.#fd).size - Math.max(LONGEST_LINE, count * USUAL_LINE));
    this.#offset = from;
    const lines = this.#read(this.#fd);
    // The first one was come upon in its middle.
    return lines.slice(Math.max(from === 0 ? 0 : 1, lines.length - count));
  }

  /** The whole lines that have come since. */
  next(): string[] {
    const lines = this.#fd === undefined ? [] : this.#read(this.#fd);
    // First what the old file still held, then the one that has its name now.
    if (this.#isCurrent()) return lines;
    this.close();
    this.#open();
    return this.#fd === undefined ? lines : [...lines, ...this.#read(this.#fd)];
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
    this.#offset = 0;
    this.#rest = Buffer.alloc(0);
  }

  #isCurrent(): boolean {
    if (this.#fd === undefined) return false;
    const there = statSync(this.#path, { throwIfNoEntry: false });
    if (there === undefined) return true;
    return there.ino === this.#inode && there.size >= this.#offset;
  }

  #open(): void {
    try {
      this.#fd = openSync(this.#path, 'r');
      this.#inode = fstatSync(this.#fd).ino;
      this.#offset = this.#from;
      this.#from = 0;
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
    }
  }

  #read(fd: number): string[] {
    const lines: string[] = [];
    for (;;) {
      const piece = Buffer.alloc(PIECE_BYTES);
      const count = readSync(fd, piece, 0, PIECE_BYTES, this.#offset);
      if (count === 0) return lines;
      this.#offset += count;
      lines.push(...this.#cut(piece.subarray(0, count)));
    }
  }

  #cut(piece: Buffer): string[] {
    const text = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    const end = text.lastIndexOf(10) + 1;
    const whole = text.subarray(0, end).toString('utf8').split('\n').slice(0, -1);
    this.#rest = text.subarray(end);
    if (this.#rest.length <= LONGEST_LINE) return whole;
    const broken = this.#rest.toString('utf8');
    this.#rest = Buffer.alloc(0);
    return [...whole, broken];
  }
}
