import {
  closeSync,
  constants,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs';
import { errorCode } from './errors.js';
import { writeWhole } from './write-file.js';

/** A file that only grows: each append is one write at the end, whoever else appends. */
export class AppendFile {
  readonly #fd: number;

  constructor(path: string, mode = 0o600) {
    this.#fd = openSync(
      path,
      constants.O_CREAT | constants.O_APPEND | constants.O_RDWR | constants.O_NOFOLLOW,
      mode,
    );
  }

  append(text: string): void {
    writeWhole(this.#fd, text);
  }

  /**
   * Appends as many of these lines as the disk takes. Answers what is still to be appended: from the line on that was cut,
   * whose beginning is ended first.
   */
  appendLines(lines: string): string {
    const bytes = Buffer.from(lines);
    let written = 0;
    try {
      while (written < bytes.length) written += writeSync(this.#fd, bytes, written, bytes.length - written);
      return '';
    } catch (error) {
      if (errorCode(error) === undefined) throw error;
      const whole = bytes.subarray(0, written).lastIndexOf(10) + 1;
      return `${whole < written ? '\n' : ''}${bytes.toString('utf8', whole)}`;
    }
  }

  /** Makes the content durable. An error here is final: the kernel may have dropped what it could not write. */
  sync(): void {
    fdatasyncSync(this.#fd);
  }

  get size(): number {
    return fstatSync(this.#fd).size;
  }

  /** Bytes from an offset on, at most `limit` of them. */
  read(offset: number, limit: number): Buffer {
    const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(this.size - offset, limit)));
    return buffer.subarray(0, readSync(this.#fd, buffer, 0, buffer.length, offset));
  }

  /** Cuts the file to `size` bytes, durably. */
  cut(size: number): void {
    ftruncateSync(this.#fd, size);
    fdatasyncSync(this.#fd);
  }

  close(): void {
    closeSync(this.#fd);
  }
}
