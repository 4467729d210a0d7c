import { join } from 'node:path';
import { layout } from '../../bus-schema/layout.js';
import { AppendFile } from '../../bus-schema/store/append-file.js';

/** Bytes at the end of the feed that are searched for our last line; other writers may have written behind it. */
const TAIL_BYTES = 1024 * 1024;
/** So much is read at once of what others have written; the rest comes with the next look. */
const PIECE_BYTES = 4 * 1024 ** 2;

/** What the disk did not take is offered to it again after so long. */
const RETRY_MS = 500;

/** A line of the feed and the byte behind it. */
export interface FeedLine {
  readonly text: string;
  readonly end: number;
}

/** `queue.jsonl`: each line one message, appended by one write, so lines of several writers never mix. */
export class FeedFile {
  readonly #file: AppendFile;
  /** Up to here every line is ours or has been read. */
  #read = 0;
  /** What could not be written yet: the disk is full, and no reason to end. */
  #owed = '';
  #retry: NodeJS.Timeout | undefined;

  constructor(bus: string) {
    this.#file = new AppendFile(join(bus, layout.queue));
  }

  /** What cannot be written now is written later, in its order; never throws for a disk that takes nothing. */
  append(messages: readonly object[]): void {
    if (messages.length === 0) return;
    this.#owed += messages.map(message => `${JSON.stringify(message)}\n`).join('');
    this.#pay();
  }

  /** What it tells is durable; false where a part of it is owed still. */
  sync(): boolean {
    this.#pay();
    this.#file.sync();
    return this.#owed === '';
  }

  close(): void {
    this.#pay();
    clearTimeout(this.#retry);
    this.#file.close();
  }

  #pay(): void {
    clearTimeout(this.#retry);
    if (this.#owed === '') return;
    const text = `${this.#isWithinLine() ? '\n' : ''}${this.#owed}`;
    this.#owed = this.#file.appendLines(text);
    if (this.#owed !== '') {
      this.#retry = setTimeout(() => {
        this.#pay();
      }, RETRY_MS);
      return;
    }
    // Where nobody wrote between, there is nothing to read but what we wrote: the usual case, at the cost of one stat.
    const end = this.#read + Buffer.byteLength(text);
    if (this.#file.size === end) this.#read = end;
  }

  /** Whether another writer has left its line without an end, to which ours would be glued. */
  #isWithinLine(): boolean {
    const { size } = this.#file;
    return size > this.#read && this.#file.read(size - 1, 1)[0] !== 10;
  }

  /** How long it is. */
  get end(): number {
    return this.#file.size;
  }

  /** `lines` gives what stands behind this byte. */
  readFrom(offset: number): void {
    this.#read = offset;
  }

  /** Whether there may be lines that nobody has looked at. */
  get hasMore(): boolean {
    return this.#file.size > this.#read;
  }

  /** The whole lines that were added since the last look, with ours among them. A line without end waits for it. */
  lines(): string[] {
    const piece = this.#file.read(this.#read, PIECE_BYTES);
    const end = piece.lastIndexOf(10) + 1;
    // One line that fills the piece is no message of anybody's: it is passed over, in pieces.
    this.#read += end === 0 && piece.length === PIECE_BYTES ? piece.length : end;
    return linesOf(piece.subarray(0, end), 0).map(line => line.text);
  }

  /**
   * The last lines, oldest first, without the first one when it may be cut. Ends the file with a line end, should a
   * writer have died within a line.
   */
  lastLines(): FeedLine[] {
    const { size } = this.#file;
    const from = Math.max(0, size - TAIL_BYTES);
    const tail = this.#file.read(from, TAIL_BYTES);
    if (tail.length > 0 && tail.at(-1) !== 10) this.#file.append('\n');
    return linesOf(tail, from).slice(from === 0 ? 0 : 1);
  }
}

function linesOf(bytes: Buffer, from: number): FeedLine[] {
  const lines: FeedLine[] = [];
  for (let start = 0; start < bytes.length;) {
    const newline = bytes.indexOf(10, start);
    const end = newline === -1 ? bytes.length : newline;
    if (end > start) lines.push({ text: bytes.toString('utf8', start, end), end: from + end + 1 });
    start = end + 1;
  }
  return lines;
}
