import { watch, type FSWatcher } from 'node:fs';
import { join } from 'node:path';
import { decodeJson } from '../../bus-schema/codec.js';
import { parseEventName, type EventName } from '../../bus-schema/event-name.js';
import { layout } from '../../bus-schema/layout.js';
import { messageSchema, type Message } from '../../bus-schema/message.js';
import { decodeBody } from './drop-body.js';
import type { DropSource, EventDrop } from './drop-source.js';
import type { FeedFile } from './feed-file.js';
import { decodeLockBody } from './lock-body.js';

/** Longer lines are nobody's messages. */
const LONGEST_LINE = 256 * 1024;

/** What others may tell by a line of the feed: the same that they may tell by an event file. */
const TELLING = new Set(['TASK_COMPLETE', 'TASK_FAILED', 'PROGRESS', 'BLOCKED']);
/** Of locks; the source system's workers tell of them when they have changed `locks.json`. */
const LOCKING: Readonly<Record<string, EventName>> = {
  FILE_LOCK: { type: 'FILE_LOCK_REQUEST', id: 'line' },
  FILE_UNLOCK: { type: 'FILE_UNLOCK', id: 'line' },
};

/**
 * Lines of `queue.jsonl` that are not ours: drops as well. Workers of the source system tell a failure by nothing else. A
 * line stays where it is, whatever it means; one that means nothing to us is somebody else's talk.
 */
export class FeedLines implements DropSource {
  readonly #path: string;
  readonly #feed: FeedFile;
  readonly #isOurs: (message: Message) => boolean;
  readonly #onHint: () => void;
  #watcher: FSWatcher | undefined;
  /** Whether what comes now was written now; what lay there when we came is as old as it says. */
  #isLive = false;

  constructor(
    bus: string,
    feed: FeedFile,
    { isOurs, onHint }: { isOurs: (message: Message) => boolean; onHint: () => void },
  ) {
    this.#path = join(bus, layout.queue);
    this.#feed = feed;
    this.#isOurs = isOurs;
    this.#onHint = onHint;
  }

  /** Begins to watch. Where that cannot be had, the rounds' scans find every line. */
  watch(): void {
    try {
      this.#watcher = watch(this.#path, () => {
        // Our own lines wake us too; they are known by where the file ends.
        if (this.#feed.hasMore) this.#onHint();
      });
      this.#watcher.on('error', () => this.#watcher?.close());
    } catch {
      this.#watcher = undefined;
    }
  }

  close(): void {
    this.#watcher?.close();
  }

  scan(): void {
    // `collect` looks at the file itself.
  }

  collect(): EventDrop[] {
    const drops = !this.#feed.hasMore ? [] : this.#feed.lines().flatMap(line => this.#read(line) ?? []);
    this.#isLive = true;
    return drops;
  }

  keep(): void {
    // Lines stay.
  }

  consume(): void {
    // Lines stay.
  }

  reject(): void {
    // Lines stay.
  }

  stowFile(): void {
    // Lines stay.
  }

  #read(line: string): EventDrop | undefined {
    if (line.length > LONGEST_LINE) return undefined;
    const decoded = decodeJson(line, messageSchema);
    if (!decoded.ok || this.#isOurs(decoded.value)) return undefined;
    const { type, timestamp } = decoded.value;
    const lock = Object.hasOwn(LOCKING, type) ? LOCKING[type] : undefined;
    const name = lock ?? nameOf(decoded.value);
    const body = lock === undefined ? decodeBody(line) : decodeLockBody(line);
    if (name === undefined || body === 'cut') return undefined;
    // Only a worker of ours can know that an attempt's processes are gone, and it says so by its event file.
    const { outcome: _outcome, exit: _exit, ...claim } = body;
    // Agents make times up; when a line came, we know better, if we were there.
    const told = this.#isLive ? NaN : Date.parse(timestamp);
    const mtimeMs = Number.isNaN(told) ? Date.now() : told;
    return { ...claim, file: layout.queue, name, inode: 0, mtimeMs, isLine: true };
  }
}

function nameOf({ type, payload }: Message): EventName | undefined {
  return TELLING.has(type) && typeof payload.task_id === 'string'
    ? parseEventName(`${type}_${payload.task_id}.event`)
    : undefined;
}
