import { closeSync, constants, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs';
import { printable } from '../bus-schema/printable.js';
import { writeWhole } from '../bus-schema/store/write-file.js';

const TAIL_BYTES = 8 * 1024;
const LAST_LINE_CHARACTERS = 300;

/** An attempt's raw output. The command writes to it by itself, through the descriptor; we only keep its size down. */
export class AttemptLog {
  readonly path: string;
  readonly fd: number;
  readonly #capBytes: number;
  readonly #marker: string;
  #cut = false;

  /** Throws what the system says when the file cannot be had. */
  constructor(path: string, capBytes: number) {
    this.path = path;
    const { O_APPEND, O_CREAT, O_NOFOLLOW, O_RDWR } = constants;
    this.fd = openSync(path, O_APPEND | O_CREAT | O_NOFOLLOW | O_RDWR, 0o600);
    this.#capBytes = capBytes;
    this.#marker = `\n[signalbox: output cut at ${capBytes} bytes]\n`;
  }

  /** Cuts what is above the cap. Since the command appends, it goes on behind the marker and is cut again. */
  keepToCap(): void {
    const allowed = this.#capBytes + (this.#cut ? this.#marker.length : 0);
    if (fstatSync(this.fd).size <= allowed) return;
    ftruncateSync(this.fd, this.#capBytes);
    writeWhole(this.fd, this.#marker);
    this.#cut = true;
  }

  /** So much of it is there. */
  get bytes(): number {
    return fstatSync(this.fd).size;
  }

  /** The last line that has something on it, for a message; undefined when the command wrote none. */
  lastLine(): string | undefined {
    const lines = this.tail(TAIL_BYTES)
      .split('\n')
      .map(line => line.trim());
    const last = lines.findLast(line => line !== '' && line !== this.#marker.trim());
    return last === undefined ? undefined : printable(last, LAST_LINE_CHARACTERS);
  }

  /** Its end, at most so much of it. */
  tail(mostBytes: number): string {
    const buffer = Buffer.allocUnsafe(mostBytes);
    try {
      const from = Math.max(0, fstatSync(this.fd).size - mostBytes);
      return buffer.toString('utf8', 0, readSync(this.fd, buffer, 0, mostBytes, from));
    } catch {
      return ''; // an outcome without the command's own words is better than no outcome
    }
  }

  close(): void {
    closeSync(this.fd);
  }
}
