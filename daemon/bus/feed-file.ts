import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { layout } from '../../bus-schema/layout.js';
import { AppendFile } from '../../bus-schema/store/append-file.js';
import { errorCode } from '../../bus-schema/store/errors.js';

/** Bytes at the end of the feed that are searched for our last line; other writers may have written behind it. */
const TAIL_BYTES = 1024 * 1024;

/** `queue.jsonl`: each line one message, appended by one write, so lines of several writers never mix. */
export class FeedFile {
  readonly #file: AppendFile;
  readonly #path: string;

  constructor(bus: string) {
    this.#path = join(bus, layout.queue);
    this.#file = new AppendFile(this.#path);
  }

  append(messages: readonly object[]): void {
    if (messages.length === 0) return;
    this.#file.append(messages.map(message => `${JSON.stringify(message)}\n`).join(''));
  }

  close(): void {
    this.#file.close();
  }

  /**
   * The last lines, oldest first, without the first one when it may be cut. Ends the file with a line end, should a
   * writer have died within a line.
   */
  lastLines(): string[] {
    const { tail, cut } = tailOf(this.#path, TAIL_BYTES);
    if (tail !== '' && !tail.endsWith('\n')) this.#file.append('\n');
    return tail.split('\n').slice(cut ? 1 : 0);
  }
}

/** `cut`: there is more before it. */
function tailOf(path: string, bytes: number): { tail: string; cut: boolean } {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return { tail: '', cut: false };
    throw error;
  }
  try {
    const { size } = fstatSync(fd);
    const buffer = Buffer.alloc(Math.min(size, bytes));
    const count = readSync(fd, buffer, 0, buffer.length, size - buffer.length);
    return { tail: buffer.toString('utf8', 0, count), cut: size > bytes };
  } finally {
    closeSync(fd);
  }
}
