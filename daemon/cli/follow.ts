import { closeSync, fstatSync, openSync, readSync, statSync, watch, type FSWatcher } from 'node:fs';
import type { Message } from '../../bus-schema/message.js';

/** Looked at so often even if no hint comes. */
const LOOK_MS = 500;

/**
 * Follows the feed, or any file of messages, line by line: half lines wait for their rest, lines that are no message are
 * passed over, and when the file is replaced the new one is read from its start.
 */
export class Follower {
  readonly #path: string;
  readonly #hear: (message: Message, line: string) => void;
  #fd: number | undefined;
  #inode = 0;
  #offset: number;
  #rest = Buffer.alloc(0);
  #watcher: FSWatcher | undefined;
  readonly #timer: NodeJS.Timeout;

  /** @param from byte to begin at; the file need not exist yet. */
  constructor(path: string, from: number, hear: (message: Message, line: string) => void) {
    this.#path = path;
    this.#offset = from;
    this.#hear = hear;
    this.#timer = setInterval(() => this.look(), LOOK_MS);
  }

  /** Reads what has come since the last look. */
  look(): void {
    this.#reopen();
    if (this.#fd === undefined) return;
    const buffer = Buffer.allocUnsafe(64 * 1024);
    for (;;) {
      const count = readSync(this.#fd, buffer, 0, buffer.length, this.#offset);
      if (count === 0) return;
      this.#offset += count;
      this.#take(buffer.subarray(0, count));
    }
  }

  close(): void {
    clearInterval(this.#timer);
    this.#watcher?.close();
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  #reopen(): void {
    const stat = statSync(this.#path, { throwIfNoEntry: false });
    if (stat === undefined || stat.ino === this.#inode) return;
    if (this.#fd !== undefined) {
      closeSync(this.#fd);
      this.#offset = 0;
      this.#rest = Buffer.alloc(0);
    }
    this.#fd = openSync(this.#path, 'r');
    this.#inode = fstatSync(this.#fd).ino;
    this.#watch();
  }

  #watch(): void {
    this.#watcher?.close();
    try {
      this.#watcher = watch(this.#path, () => this.look()).on('error', () => this.#watcher?.close());
    } catch {
      this.#watcher = undefined; // the timer looks on
    }
  }

  #take(bytes: Buffer): void {
    const all = Buffer.concat([this.#rest, bytes]);
    const end = all.lastIndexOf(10) + 1;
    this.#rest = Buffer.from(all.subarray(end));
    for (const line of all.toString('utf8', 0, end).split('\n')) {
      const message = line === '' ? undefined : messageOn(line);
      if (message !== undefined) this.#hear(message, line);
    }
  }
}

/** By hand: the schema library would add half to the start of every command that follows. */
function messageOn(line: string): Message | undefined {
  try {
    const value = JSON.parse(line) as Partial<Message> | null;
    const whole =
      typeof value?.type === 'string' &&
      typeof value.id === 'string' &&
      typeof value.source === 'string' &&
      typeof value.timestamp === 'string' &&
      typeof value.payload === 'object';
    return whole ? (value as Message) : undefined;
  } catch {
    return undefined;
  }
}
