import { watch, type FSWatcher } from 'node:fs';
import { join } from 'node:path';
import { parseEventName, type EventName } from '../../bus-schema/event-name.js';
import type { RunId } from '../../bus-schema/ids.js';
import { errorCode } from '../../bus-schema/store/errors.js';
import { workspaceLayout, type WorkspaceView } from '../../bus-schema/workspace.js';
import { Workspace, type OutboxNews, type TaskLookup } from './workspace.js';

/** At most so often the folders are written, however much happens. */
const PAUSE_MS = 100;
/** With very many tasks a write takes its time: nine tenths of it all belong to others. */
const PAUSE_PER_WRITE = 9;
const LOOK_AGAIN_MS = 50;

/** What the folders need to know, and whom they tell. */
export interface WorkspacePorts {
  /** Of each active run that has a folder, what that shall say. */
  readonly active: () => readonly WorkspaceView[];
  readonly viewOf: (run: RunId) => WorkspaceView | undefined;
  readonly tasksOf: (run: RunId) => TaskLookup;
  /** Text of the execution plan of a run that has none yet. */
  readonly executionPlan: (run: RunId) => string | undefined;
  /** An outbox may have something new. Never called from within a call of ours. */
  readonly onHint: () => void;
  /** A folder was removed while its run went on. */
  readonly onGone: (run: RunId, message: string) => void;
  readonly onTrouble: (place: string, why: string) => void;
}

/** What an outbox says of a task, in the form of an event file. */
export interface OutboxDrop {
  readonly file: string;
  readonly name: EventName;
  readonly inode: number;
  readonly mtimeMs: number;
  readonly run: string;
  readonly text: string;
}

interface Live {
  readonly workspace: Workspace;
  watcher: FSWatcher | undefined;
  isGone: boolean;
  /** What was last said to be wrong; said once. */
  trouble: string | undefined;
}

/**
 * The session folders of all active runs: views out, coalesced, and outboxes in, which are drops like any other. The run
 * goes on whatever is wrong with its folder, except that the folder is gone.
 */
export class Workspaces {
  readonly #ports: WorkspacePorts;
  readonly #live = new Map<RunId, Live>();
  /** Runs that had begun before this daemon. */
  readonly #adopted = new Set<RunId>();
  #timer: NodeJS.Timeout | undefined;
  #again: NodeJS.Timeout | undefined;
  #nextAt = 0;
  #closed = false;

  constructor(ports: WorkspacePorts) {
    this.#ports = ports;
  }

  /** These runs go on: their folders must be there. */
  adopt(runs: Iterable<RunId>): void {
    for (const run of runs) this.#adopted.add(run);
  }

  get isEmpty(): boolean {
    return this.#live.size === 0;
  }

  /** Something changed: at once after a pause, so that a worker finds its inbox; else soon. */
  touch(): void {
    if (this.#closed || this.#timer !== undefined) return;
    const wait = this.#nextAt - performance.now();
    if (wait <= 0) this.#writeAll();
    else this.#timer = setTimeout(() => this.#writeAll(), wait);
  }

  /** An attempt of the run is about to be handed over: what its agent may rewrite must be written before it begins. */
  prepare(run: RunId): void {
    const view = this.#ports.viewOf(run);
    if (view === undefined) return;
    const live = this.#liveOf(view);
    if (live.isGone || live.workspace.isGone) return;
    this.#attempt(live, () => live.workspace.write(view));
  }

  /** Once a second: is the folder there, how far is the run, what did dead workers leave? */
  look(): void {
    this.#writeAll();
    for (const view of this.#ports.active()) {
      const live = this.#live.get(view.run);
      if (live !== undefined && !live.isGone) this.#attempt(live, () => live.workspace.sweepLocks(view));
    }
  }

  /** The last word of a run; its folder stays as it is then. */
  finish(run: RunId): void {
    const view = this.#ports.viewOf(run);
    if (view === undefined) return;
    const live = this.#liveOf(view);
    if (!live.isGone) {
      this.#attempt(live, () => {
        if (live.workspace.isGone) return;
        live.workspace.write(view);
        live.workspace.sweepLocks(view);
      });
    }
    live.watcher?.close();
    this.#live.delete(run);
    this.#adopted.delete(run);
  }

  close(): void {
    if (!this.#closed) this.#writeAll();
    this.#closed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#again);
    for (const { watcher } of this.#live.values()) watcher?.close();
  }

  scan(): void {
    for (const live of this.#live.values())
      if (!live.isGone) this.#attempt(live, () => live.workspace.scan());
  }

  collect(): OutboxDrop[] {
    const drops: OutboxDrop[] = [];
    for (const live of this.#live.values()) {
      if (live.isGone) continue;
      this.#attempt(live, () => {
        // By name too: of an outbox that an agent made in its last moment no hint may have come before its end is told.
        live.workspace.scan();
        for (const news of live.workspace.collect()) drops.push(...this.#dropsIn(news, live.workspace.run));
      });
    }
    return drops;
  }

  keep(): void {
    // An outbox stays until our own takes its place.
  }

  consume(): void {
    // The same.
  }

  reject(file: string, why: string): void {
    this.#ports.onTrouble(file, why);
  }

  stowFile(): void {
    // The same.
  }

  #writeAll(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const before = performance.now();
    for (const view of this.#ports.active()) {
      const live = this.#liveOf(view);
      if (live.isGone) continue;
      if (live.workspace.isGone) this.#lose(live);
      else this.#attempt(live, () => live.workspace.write(view));
    }
    const after = performance.now();
    this.#nextAt = after + Math.max(PAUSE_MS, PAUSE_PER_WRITE * (after - before));
  }

  #liveOf(view: WorkspaceView): Live {
    const known = this.#live.get(view.run);
    if (known !== undefined) return known;
    const workspace = new Workspace(view.run, view.folder, this.#ports.tasksOf(view.run));
    const live: Live = { workspace, watcher: undefined, isGone: false, trouble: undefined };
    this.#live.set(view.run, live);
    this.#attempt(live, () => {
      workspace.open(view.since, !this.#adopted.has(view.run));
      if (workspace.isGone) return;
      live.watcher = this.#watch(join(view.folder, workspaceLayout.messages));
      workspace.scan();
      const plan = this.#ports.executionPlan(view.run);
      if (plan !== undefined) workspace.putIfMissing(workspaceLayout.executionPlan, plan);
    });
    return live;
  }

  #lose(live: Live): void {
    live.isGone = true;
    live.watcher?.close();
    this.#ports.onGone(live.workspace.run, `the session folder ${live.workspace.folder} is gone`);
  }

  /** A hint and no more: outboxes are looked at in every round. */
  #watch(folder: string): FSWatcher | undefined {
    try {
      const watcher = watch(folder, (_kind, name) => {
        if (name?.includes('-outbox.') !== false) this.#hintSoon(0);
      });
      return watcher.on('error', () => {
        watcher.close();
      });
    } catch {
      return undefined;
    }
  }

  #hintSoon(ms: number): void {
    this.#again ??= setTimeout(() => {
      this.#again = undefined;
      if (this.#closed) return;
      this.scan();
      this.#ports.onHint();
    }, ms);
  }

  #dropsIn({ file, heard }: OutboxNews, run: RunId): OutboxDrop[] {
    switch (heard.kind) {
      case 'same':
        return [];
      case 'unfinished':
        this.#hintSoon(LOOK_AGAIN_MS);
        return [];
      case 'refused':
        this.#ports.onTrouble(file, heard.why);
        return [];
      case 'said': {
        const { inode, mtimeMs } = heard;
        return heard.entries.flatMap(({ end, task, text }) => {
          const type = end === 'completed' ? 'TASK_COMPLETE' : 'TASK_FAILED';
          const name = parseEventName(`${type}_${task}.event`);
          return name === undefined ? [] : [{ file, name, inode, mtimeMs, run, text }];
        });
      }
    }
  }

  /** What is wrong with a folder is worth a word, not the end of a run; the same word only once. */
  #attempt(live: Live, act: () => void): void {
    try {
      act();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      // Of a system call the message names a file, which may be another each time.
      const kind = errorCode(error) ?? why;
      if (live.trouble === kind) return;
      live.trouble = kind;
      this.#ports.onTrouble(live.workspace.folder, why);
    }
  }
}
