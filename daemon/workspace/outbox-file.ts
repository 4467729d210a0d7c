import { lstatSync } from 'node:fs';
import { readDrop } from '../../bus-schema/store/read-file.js';
import type { OutboxEntry } from './outbox-text.js';

/** A file that is not whole yet is looked at again, for so long. */
const PATIENCE_MS = 1000;
/** An outbox of a thousand tasks, with what went wrong with each. */
const LARGEST_OUTBOX_BYTES = 1024 ** 2;
/** Entries that are remembered, at most. */
const MOST_SEEN = 100_000;

export type Heard =
  | { readonly kind: 'same' }
  /** Its writer is not at its end yet. */
  | { readonly kind: 'unfinished' }
  | { readonly kind: 'refused'; readonly why: string }
  | {
      readonly kind: 'said';
      readonly entries: readonly OutboxEntry[];
      readonly inode: number;
      readonly mtimeMs: number;
    };

/**
 * One outbox, which we write and others rewrite. What others say is cumulative, so only what was not there before is news:
 * an entry of an earlier attempt, copied, must not end the next one.
 */
export class OutboxFile {
  readonly #path: string;
  readonly #read: (text: string) => readonly OutboxEntry[] | 'cut';
  /** By which the version that is known is known again. */
  #mark: string | undefined;
  #entries: readonly OutboxEntry[] = [];
  readonly #seen = new Set<string>();
  #unfinishedSince: number | undefined;

  constructor(path: string, read: (text: string) => readonly OutboxEntry[] | 'cut') {
    this.#path = path;
    this.#read = read;
  }

  /** We have written it. */
  written(text: string): void {
    const entries = this.#read(text);
    this.#know(entries === 'cut' ? [] : entries);
  }

  /**
   * What another program has put there since the last look.
   * @param workerOf the worker that has the task now, if one has.
   * @param own whose outbox this is.
   */
  hear(workerOf: (task: string) => string | undefined, own: string): Heard {
    const mark = markOf(this.#path);
    if (mark === this.#mark || mark === undefined) return { kind: 'same' };
    const read = readDrop(this.#path, [process.getuid?.() ?? 0], LARGEST_OUTBOX_BYTES);
    if (!read.ok) {
      switch (read.error.kind) {
        case 'vanished':
          return { kind: 'same' };
        case 'hindered':
          return { kind: 'unfinished' };
        case 'unfinished':
          return this.#wait('it has more than one name (hard links)');
        case 'refused':
          this.#mark = mark;
          return { kind: 'refused', why: read.error.why };
      }
    }
    const { text, inode, mtimeMs } = read.value;
    const entries = this.#read(text);
    if (entries === 'cut') return this.#wait('it is no JSON object with tasks_completed and tasks_failed');
    const news = this.#newsIn(entries, workerOf, own);
    this.#know(entries, mark);
    return { kind: 'said', entries: news, inode, mtimeMs };
  }

  /** Whether there is patience left; without, the file is passed over as it is. */
  #wait(why: string): Heard {
    const now = performance.now();
    this.#unfinishedSince ??= now;
    if (now - this.#unfinishedSince < PATIENCE_MS) return { kind: 'unfinished' };
    this.#unfinishedSince = undefined;
    this.#mark = markOf(this.#path);
    return { kind: 'refused', why };
  }

  /**
   * Of a task that this worker has now, every entry that was not in the version before. Of a task that another has, only
   * what this outbox never said. Where a task is told complete and failed at once, what is new in its words counts, and
   * then the failure.
   */
  #newsIn(
    entries: readonly OutboxEntry[],
    workerOf: (task: string) => string | undefined,
    own: string,
  ): OutboxEntry[] {
    const before = new Map<string, number>();
    for (const { key } of this.#entries) before.set(key, (before.get(key) ?? 0) + 1);
    const news = new Map<string, OutboxEntry>();
    for (const entry of entries) {
      const { key, task } = entry;
      const known = before.get(key) ?? 0;
      if (known > 0) before.set(key, known - 1);
      const worker = workerOf(task);
      if (known > 0 || worker === undefined || (worker !== own && this.#seen.has(key))) continue;
      const rival = news.get(task);
      if (rival === undefined || this.#weight(entry) > this.#weight(rival)) news.set(task, entry);
    }
    return [...news.values()];
  }

  #weight({ key, end }: OutboxEntry): number {
    return (this.#seen.has(key) ? 0 : 2) + (end === 'failed' ? 1 : 0);
  }

  #know(entries: readonly OutboxEntry[], mark = markOf(this.#path)): void {
    this.#mark = mark;
    this.#entries = entries;
    this.#unfinishedSince = undefined;
    for (const { key } of entries) if (this.#seen.size < MOST_SEEN) this.#seen.add(key);
  }
}

/** Whoever rewrites a file in place changes its time, whoever replaces it its inode. Links are not followed. */
function markOf(path: string): string | undefined {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat === undefined ? undefined : `${stat.ino} ${stat.mtimeMs} ${stat.size}`;
}
