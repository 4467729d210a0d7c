import { lstatSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { RunId } from '../../bus-schema/ids.js';
import { replaceWithin } from '../../bus-schema/store/write-file.js';
import { workspaceLayout, type WorkspaceView } from '../../bus-schema/workspace.js';
import { LockFiles } from './lock-files.js';
import { OutboxFile, type Heard } from './outbox-file.js';
import { readOutboxJson, readOutboxMarkdown } from './outbox-text.js';
import { clearWorkspace, ensureWorkspace, isFolder, namesIn } from './session-folder.js';

const OUTBOX = /^(worker-[A-Za-z0-9._-]{1,80})-outbox\.(json|md)$/;
/** Outboxes that are read, at most: ours are as many as workers. */
const MOST_OUTBOXES = 1000;
const PATIENCE_MS = 1000;

/** What the state of the moment says of the run's tasks. */
export interface TaskLookup {
  isTask(word: string): boolean;
  /** The worker that has the task now. */
  workerOf(task: string): string | undefined;
}

export interface OutboxNews {
  /** Path of the outbox. */
  readonly file: string;
  readonly heard: Heard;
}

/** The session folder of one run, as long as the run goes on. */
export class Workspace {
  readonly run: RunId;
  readonly folder: string;
  readonly #tasks: TaskLookup;
  readonly #locks: LockFiles;
  readonly #written = new Map<string, string>();
  readonly #outboxes = new Map<string, OutboxFile>();
  #news: OutboxNews[] = [];
  #isOpen = false;
  #missingSince: number | undefined;

  constructor(run: RunId, folder: string, tasks: TaskLookup) {
    this.run = run;
    this.folder = folder;
    this.#tasks = tasks;
    this.#locks = new LockFiles(folder);
  }

  /** Whether somebody has removed the folder. One that was never made cannot be gone. */
  get isGone(): boolean {
    return this.#isOpen && !isFolder(this.folder);
  }

  /** @param isNew false for a run that had begun before: then the folder must be there. */
  open(since: number, isNew: boolean): void {
    this.#isOpen = !isNew;
    if (this.isGone) return;
    ensureWorkspace(this.folder);
    clearWorkspace(this.folder, { workersOnly: true, before: since });
    this.#isOpen = true;
  }

  /** Writes what differs from what was written last. */
  write(view: WorkspaceView): void {
    if (!this.#hasFolders()) return;
    for (const { inbox, outbox } of view.boxes) {
      const isNews = this.#put(workspaceLayout.inbox(inbox.worker_id), json(inbox));
      // An attempt begins with our own outbox, so that what it says of itself is known from what was said before it.
      if (isNews) this.#written.delete(workspaceLayout.outbox(outbox.worker_id));
      this.#putOutbox(outbox.worker_id, json(outbox));
    }
    this.#locks.write(view.locks);
    this.#put(workspaceLayout.progress, view.progress);
  }

  sweepLocks(view: WorkspaceView): void {
    const busy = new Set(
      view.boxes.flatMap(({ inbox }) => (inbox.tasks.length > 0 ? [inbox.worker_id] : [])),
    );
    this.#locks.sweep(worker => busy.has(worker));
  }

  /** Puts a file there unless there is one. */
  putIfMissing(name: string, text: string): void {
    if (lstatSync(join(this.folder, name), { throwIfNoEntry: false }) === undefined)
      replaceWithin(this.folder, name, text);
  }

  /** Looks for outboxes by name, such as those of workers that we never had. */
  scan(): void {
    for (const name of namesIn(join(this.folder, workspaceLayout.messages))) this.#outboxAt(name);
  }

  /** What others have written into outboxes since the last call. */
  collect(): OutboxNews[] {
    for (const name of this.#outboxes.keys()) this.#hear(name);
    const news = this.#news;
    this.#news = [];
    return news;
  }

  /**
   * A folder of messages or locks that somebody removed is made again, but not at once: who removes the whole folder
   * removes these first.
   */
  #hasFolders(): boolean {
    const folders = [workspaceLayout.messages, workspaceLayout.locks].map(name => join(this.folder, name));
    if (folders.every(path => lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true)) {
      this.#missingSince = undefined;
      return true;
    }
    const now = performance.now();
    this.#missingSince ??= this.#isOpen ? now : -PATIENCE_MS;
    if (now - this.#missingSince < PATIENCE_MS) return false;
    this.#written.clear();
    this.#locks.forget();
    ensureWorkspace(this.folder);
    this.#isOpen = true;
    return true;
  }

  /** Whether there was something to write. */
  #put(file: string, text: string): boolean {
    if (this.#written.get(file) === text) return false;
    replaceWithin(this.folder, file, text);
    this.#written.set(file, text);
    return true;
  }

  /** What another has put there is read before ours takes its place. */
  #putOutbox(worker: string, text: string): void {
    const file = workspaceLayout.outbox(worker);
    const name = basename(file);
    const outbox = this.#outboxAt(name);
    if (this.#written.get(file) === text || outbox === undefined) return;
    if (this.#hear(name) === 'unfinished') return;
    replaceWithin(this.folder, file, text);
    outbox.written(text);
    this.#written.set(file, text);
  }

  #outboxAt(name: string): OutboxFile | undefined {
    const known = this.#outboxes.get(name);
    const kind = OUTBOX.exec(name)?.[2];
    if (known !== undefined || kind === undefined || this.#outboxes.size >= MOST_OUTBOXES) return known;
    const read =
      kind === 'json'
        ? readOutboxJson
        : (text: string) => readOutboxMarkdown(text, word => this.#tasks.isTask(word));
    const outbox = new OutboxFile(this.#messagePath(name), read);
    this.#outboxes.set(name, outbox);
    return outbox;
  }

  #hear(name: string): Heard['kind'] {
    const own = OUTBOX.exec(name)?.[1] ?? '';
    const heard = this.#outboxes.get(name)?.hear(task => this.#tasks.workerOf(task), own);
    if (heard === undefined) return 'same';
    if (heard.kind !== 'same') this.#news.push({ file: this.#messagePath(name), heard });
    return heard.kind;
  }

  #messagePath(name: string): string {
    return join(this.folder, workspaceLayout.messages, name);
  }
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
