import { watch, type FSWatcher } from 'node:fs';
import type { Message } from '../../bus-schema/message.js';
import { FeedFollower } from './feed-follower.js';
import { readMessage } from './feed-line.js';

/** Looked at so often even if no hint comes. */
const LOOK_MS = 500;

/** Follows the feed as it grows: each message is heard once, soon after it was written. */
export class Follower {
  readonly #path: string;
  readonly #feed: FeedFollower;
  readonly #hear: (message: Message) => void;
  readonly #timer: NodeJS.Timeout;
  #watcher: FSWatcher | undefined;

  /** @param from byte of the feed to begin at; the file need not exist yet. */
  constructor(path: string, from: number, hear: (message: Message) => void) {
    this.#path = path;
    this.#feed = new FeedFollower(path, from);
    this.#hear = hear;
    this.#timer = setInterval(() => {
      this.look();
    }, LOOK_MS);
    this.look();
  }

  /** Reads what has come since the last look. */
  look(): void {
    this.#watcher ??= this.#watch();
    for (const line of this.#feed.next()) {
      const message = readMessage(line);
      if (message !== undefined) this.#hear(message);
    }
  }

  close(): void {
    clearInterval(this.#timer);
    this.#watcher?.close();
    this.#feed.close();
  }

  /** A hint and no more; where there is none (no file yet, no watches left), the timer's looks find everything. */
  #watch(): FSWatcher | undefined {
    try {
      const watcher = watch(this.#path, () => {
        this.look();
      });
      return watcher.on('error', () => {
        watcher.close();
      });
    } catch {
      return undefined;
    }
  }
}
