import {
  existsSync,
  lstatSync,
  opendirSync,
  renameSync,
  statSync,
  unlinkSync,
  watch,
  type FSWatcher,
} from 'node:fs';
import { join } from 'node:path';
import { eventName, parseEventName, type EventName, type EventType } from '../../bus-schema/event-name.js';
import type { RunId } from '../../bus-schema/ids.js';
import { layout } from '../../bus-schema/layout.js';
import { unreachable } from '../../bus-schema/result.js';
import { errorCode } from '../../bus-schema/store/errors.js';
import { DROP_LIMIT_BYTES, readDrop, type DropFault } from '../../bus-schema/store/read-file.js';
import { replaceFile, syncFolder } from '../../bus-schema/store/write-file.js';
import { ensureFolder } from '../../bus-schema/store/folder.js';
import { decodeBody } from './drop-body.js';
import type { DropSource, EventDrop } from './drop-source.js';
import { decodeLockBody } from './lock-body.js';
import type { Quarantine } from './quarantine.js';
import { RAW, rawPath } from './raw-name.js';
import { SettledEvents } from './settled-events.js';
import { isStaged } from './staged.js';

/** A file that is not whole yet is looked at again, for so long. */
const PATIENCE_MS = 1000;
const LOOK_AGAIN_MS = 50;
/** So many files are dealt with at once; however many there are, whatever else the daemon has to do comes between. */
const BATCH = 200;
/** So many names are remembered; others stay in the folder until these are dealt with. */
const MOST_PENDING = 20_000;

/**
 * `events/`: drops in. The watcher is a hint (it loses events without a word when many come at once, and one that names
 * a file costs the same whether ten or a hundred thousand lie beside it); a look at the folder's names, done only when the
 * folder has changed, is the truth.
 *
 * Plain `fs.watch`, not chokidar, which puts a watch on every file and reads the whole folder at every event: with 10,000
 * files there one event costs it 139 ms of processor time, and `fs.watch` 0.9 ms.
 */
export class DropBox implements DropSource {
  readonly #bus: string;
  readonly #folder: string;
  readonly #quarantine: Quarantine;
  readonly #onHint: () => void;
  readonly #awaited: () => readonly string[];
  readonly #pending = new Set<string>();
  /** Whether there are names in the folder that are not remembered. */
  #isOverfull = false;
  #isHintDue = false;
  /** Files that have been dealt with and stay, and the run they belong to. */
  readonly #settled = new SettledEvents();
  readonly #unfinished = new Map<string, number>();
  #watcher: FSWatcher | undefined;
  #scannedMtime = -1;
  #closed = false;

  /**
   * @param onHint called when `collect` may find something; never from within a call of ours.
   * @param awaited names by which the open attempts would tell of their end: no flood of other files holds them up.
   */
  constructor(
    bus: string,
    quarantine: Quarantine,
    onHint: () => void,
    awaited: () => readonly string[] = () => [],
  ) {
    this.#bus = bus;
    this.#folder = join(bus, layout.events);
    this.#quarantine = quarantine;
    this.#onHint = onHint;
    this.#awaited = awaited;
  }

  /** Begins to watch. Answers why hints cannot be had, if so; then only `scan` finds anything. */
  watch(): string | undefined {
    try {
      this.#watcher = watch(this.#folder, { encoding: RAW }, (_kind, name) => {
        if (name !== null) this.#hear(name);
      });
      this.#watcher.on('error', () => this.#watcher?.close());
      return undefined;
    } catch (error) {
      return errorCode(error) ?? String(error);
    }
  }

  close(): void {
    this.#closed = true;
    this.#watcher?.close();
  }

  /** Looks for names that no hint told of. Reads the folder only if it has changed since the last look. */
  scan(): void {
    const { mtimeMs } = statSync(this.#folder);
    // A change within the clock's resolution of the last look would leave the time as it is.
    if (!this.#isOverfull && mtimeMs === this.#scannedMtime && Date.now() - mtimeMs > 100) return;
    this.#scannedMtime = mtimeMs;
    this.#readNames();
  }

  /**
   * Drops that have come, outside writers' before our workers': who speaks from within an attempt spoke before its end.
   * Where there are more than are dealt with at once, a hint will tell of the others.
   */
  collect(): EventDrop[] {
    const drops = new Map<string, EventDrop>();
    for (const name of this.#nextNames()) {
      const drop = this.#settled.has(name) || drops.has(name) ? undefined : this.#read(name);
      if (drop === undefined) continue;
      if (drop.outcome !== undefined)
        for (const sibling of this.#siblings(drop)) drops.set(sibling.file, sibling);
      drops.set(name, drop);
    }
    if (this.#pending.size > 0 || this.#isOverfull) this.#hintSoon();
    return [...drops.values()].sort(
      (a, b) => Number(a.outcome !== undefined) - Number(b.outcome !== undefined),
    );
  }

  /** The drop has had its effect, or has none: it stays where its readers look for it. */
  keep(file: string, run: RunId | undefined): void {
    this.#settled.add(file, run);
  }

  /** A request or a sign of life: its name must be free for the next. */
  consume(file: string): void {
    this.#settled.delete(file);
    unlinkIfThere(join(this.#folder, file));
  }

  reject(file: string, why: string): void {
    this.#settled.delete(file);
    this.#refuse(file, why);
  }

  /** An event of the daemon's own. It takes the place of whatever has its name: what counts is the latest word of it. */
  signal(type: EventType, id: string, body: string, run: RunId): void {
    const file = eventName(type, id);
    this.#settled.add(file, run);
    replaceFile(this.#bus, join(this.#folder, file), body, { durable: false });
  }

  /** Moves a run's events to the run's own folder: all, or those that a new attempt of one task makes untrue. */
  stow(run: RunId, task?: string): void {
    const files = task === undefined ? this.#settled.ofRun(run) : this.#settled.undoneBy(run, task);
    if (files.length > 0) ensureFolder(join(this.#bus, layout.runEvents(run)));
    for (const file of files) this.#move(file, run);
  }

  /** Moves a run's events, so that no power cut brings one back: when the run is forgotten, nobody would know whose it was. */
  stowForGood(run: RunId): void {
    this.stow(run);
    syncFolder(this.#folder);
  }

  /** Moves one event to its run's own folder, where an earlier one of that name keeps its own. */
  stowFile(file: string, run: RunId): void {
    ensureFolder(join(this.#bus, layout.runEvents(run)));
    this.#move(file, run);
  }

  #move(file: string, run: RunId): void {
    const to = join(this.#bus, layout.runEvents(run));
    this.#settled.delete(file);
    let name = file;
    for (let number = 2; existsSync(join(to, name)); number++) name = `${number}-${file}`;
    renameIfThere(join(this.#folder, file), join(to, name));
  }

  #hear(name: string): void {
    if (this.#closed || this.#settled.has(name)) return;
    this.#remember(name);
    this.#hintSoon();
  }

  /** Whether there was room for it. */
  #remember(name: string): boolean {
    const hasRoom = this.#pending.size < MOST_PENDING;
    if (hasRoom) this.#pending.add(name);
    else this.#isOverfull = true;
    return hasRoom;
  }

  #readNames(): void {
    this.#isOverfull = false;
    const folder = opendirSync(this.#folder, { encoding: RAW, bufferSize: 1024 });
    try {
      for (;;) {
        const entry = folder.readSync();
        if (entry === null) return;
        if (!this.#settled.has(entry.name) && !this.#remember(entry.name)) return;
      }
    } finally {
      folder.closeSync();
    }
  }

  #nextNames(): Set<string> {
    if (this.#pending.size === 0 && this.#isOverfull) this.#readNames();
    const isCrowded = this.#isOverfull || this.#pending.size > BATCH;
    const names = new Set(
      isCrowded ? this.#awaited().filter(name => this.#isOverfull || this.#pending.has(name)) : [],
    );
    let room = BATCH;
    for (const name of this.#pending) {
      if (room-- === 0) break;
      names.add(name);
    }
    for (const name of names) this.#pending.delete(name);
    return names;
  }

  /** The box may have been closed until then. */
  #hintSoon(): void {
    if (this.#isHintDue) return;
    this.#isHintDue = true;
    setImmediate(() => {
      this.#isHintDue = false;
      if (!this.#closed) this.#onHint();
    });
  }

  /** @param isFinal whether its writer has come to its end, so that nothing more will be written. */
  #read(file: string, isFinal = false): EventDrop | undefined {
    const name = parseEventName(file);
    const isOurs = (inode: number): boolean => isStaged(this.#bus, inode);
    const read = readDrop(rawPath(this.#folder, file), [process.getuid?.() ?? 0], DROP_LIMIT_BYTES, isOurs);
    if (!read.ok) {
      this.#turnAway(file, read.error);
      return undefined;
    }
    if (name === undefined) {
      this.#refuse(file, 'its name is no event: TYPE_id.event is wanted');
      return undefined;
    }
    const { text, inode, mtimeMs } = read.value;
    const body = isAboutLocks(name) ? decodeLockBody(text) : decodeBody(text);
    // `echo text > file` makes the file first and fills it a moment later.
    const isBegun = body === 'cut' || (text === '' && Date.now() - mtimeMs < LOOK_AGAIN_MS);
    if (isBegun && !isFinal && this.#lookAgain(file)) return undefined;
    this.#unfinished.delete(file);
    return { file, name, inode, mtimeMs, ...(body === 'cut' ? { text } : body) };
  }

  /** A worker tells of an attempt's end; what was said from within it lies there already, even if no hint came yet. */
  #siblings(drop: EventDrop): EventDrop[] {
    const found: EventDrop[] = [];
    for (const type of ['TASK_FAILED', 'TASK_COMPLETE'] as const) {
      const file = eventName(type, drop.name.id);
      if (file === drop.file || this.#settled.has(file) || isAbsent(join(this.#folder, file))) continue;
      const sibling = this.#read(file, true);
      if (sibling?.outcome === undefined && sibling !== undefined) found.push(sibling);
    }
    return found;
  }

  #turnAway(file: string, fault: DropFault): void {
    switch (fault.kind) {
      case 'vanished':
        this.#unfinished.delete(file);
        return;
      case 'unfinished':
        if (!this.#lookAgain(file)) this.#refuse(file, 'it has more than one name (hard links)');
        return;
      case 'hindered':
        setTimeout(() => {
          this.#hear(file);
        }, PATIENCE_MS).unref();
        return;
      case 'refused':
        this.#refuse(file, fault.why);
        return;
      default:
        unreachable(fault);
    }
  }

  #refuse(file: string, why: string): void {
    this.#unfinished.delete(file);
    // What cannot be moved is not looked at a second time.
    if (this.#quarantine.take(layout.events, file, why) === 'stays') this.#settled.add(file, undefined);
  }

  /** Whether there is patience left. */
  #lookAgain(file: string): boolean {
    const since = this.#unfinished.get(file) ?? performance.now();
    this.#unfinished.set(file, since);
    if (performance.now() - since > PATIENCE_MS) return false;
    setTimeout(() => {
      this.#hear(file);
    }, LOOK_AGAIN_MS).unref();
    return true;
  }
}

function isAboutLocks({ type }: EventName): boolean {
  return type === 'FILE_LOCK_REQUEST' || type === 'FILE_UNLOCK';
}

/** A name that is not there is the usual case, and an error costs ten times the look. What hinders the look, reading tells. */
function isAbsent(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) === undefined;
  } catch {
    return false;
  }
}

function unlinkIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}
