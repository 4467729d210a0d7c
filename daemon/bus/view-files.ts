import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { readDrop } from '../../bus-schema/store/read-file.js';
import { replaceFile } from '../../bus-schema/store/write-file.js';
import { withCourtesyLock } from './courtesy-lock.js';

/** At most so often a view is written, however much happens. */
const PAUSE_MS = 100;

/** More than that is no edit of a view. */
const LARGEST_EDIT_BYTES = 4 * 1024 ** 2;

/** A view: a file of the bus and the text that it shall have now. */
export interface View {
  /** Relative to the bus. */
  readonly file: string;
  /** Other programs rewrite it too, and some of them lock it first. */
  readonly shared: boolean;
  readonly text: () => string;
  /** Called with what another program has put in its place, before we put ours there again. */
  readonly onEdit?: (text: string) => void;
}

/**
 * Views out: whole at every instant (a new file, then a rename, so no reader sees half of one), and coalesced, so their
 * cost does not grow with the events. They hold nothing that is not elsewhere.
 */
export class ViewFiles {
  readonly #bus: string;
  readonly #views: readonly View[];
  readonly #written = new Map<string, string>();
  /** By which the file that we wrote is known again. */
  readonly #marks = new Map<string, string>();
  readonly #onError: (error: unknown) => void;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(bus: string, views: readonly View[], onError: (error: unknown) => void) {
    this.#bus = bus;
    this.#views = views;
    this.#onError = onError;
  }

  /** Something changed: the views are written soon. */
  touch(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.flush();
    }, PAUSE_MS);
  }

  /** Writes the views that differ from what was written last. Never rejects. */
  flush(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#writeAll());
    return this.#writing;
  }

  /** Looks whether others have rewritten a view; what they dropped from it comes back. */
  look(): void {
    for (const view of this.#views) if (this.#hearEdit(view)) this.touch();
  }

  /** Hears what stands there before anything was written by us: others may have changed it while no daemon was there. */
  hearFirst(file: string): void {
    const read = readDrop(join(this.#bus, file), [process.getuid?.() ?? 0], LARGEST_EDIT_BYTES);
    if (read.ok) this.#views.find(view => view.file === file)?.onEdit?.(read.value.text);
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.flush();
  }

  async #writeAll(): Promise<void> {
    for (const view of this.#views) {
      try {
        await this.#write(view);
      } catch (error) {
        // One that cannot be written is no reason to leave out the others.
        this.#onError(error);
      }
    }
  }

  async #write(view: View): Promise<void> {
    const known = view.text();
    if (this.#written.get(view.file) === known) return;
    const path = join(this.#bus, view.file);
    const write = (): void => {
      // What is heard may belong into it.
      const text = this.#hearEdit(view) ? view.text() : known;
      replaceFile(this.#bus, path, text, { durable: false });
      this.#marks.set(view.file, markOf(path) ?? '');
      this.#written.set(view.file, text);
    };
    if (view.shared) await withCourtesyLock(path, write);
    else write();
  }

  #hearEdit(view: View): boolean {
    const path = join(this.#bus, view.file);
    const known = this.#marks.get(view.file);
    const mark = markOf(path);
    if (known === undefined || mark === known) return false;
    this.#written.delete(view.file);
    this.#marks.set(view.file, mark ?? '');
    const read = readDrop(path, [process.getuid?.() ?? 0], LARGEST_EDIT_BYTES);
    if (read.ok) view.onEdit?.(read.value.text);
    return true;
  }
}

/** Whoever rewrites a file in place changes its time, whoever replaces it its inode. Links are not followed. */
function markOf(path: string): string | undefined {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat === undefined ? undefined : `${stat.ino} ${stat.mtimeMs} ${stat.size}`;
}
