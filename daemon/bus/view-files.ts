import { join } from 'node:path';
import { replaceFile } from '../../bus-schema/store/write-file.js';
import { withCourtesyLock } from './courtesy-lock.js';

/** At most so often a view is written, however much happens. */
const PAUSE_MS = 100;

/** A view: a file of the bus and the text that it shall have now. */
export interface View {
  /** Relative to the bus. */
  readonly file: string;
  /** Other programs rewrite it too, and some of them lock it first. */
  readonly shared: boolean;
  readonly text: () => string;
}

/**
 * Views out: whole at every instant (a new file, then a rename, so no reader sees half of one), and coalesced, so their
 * cost does not grow with the events. They hold nothing that is not elsewhere.
 */
export class ViewFiles {
  readonly #bus: string;
  readonly #views: readonly View[];
  readonly #written = new Map<string, string>();
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
    const text = view.text();
    if (this.#written.get(view.file) === text) return;
    const path = join(this.#bus, view.file);
    const write = (): void => {
      replaceFile(this.#bus, path, text, { durable: false });
    };
    if (view.shared) await withCourtesyLock(path, write);
    else write();
    this.#written.set(view.file, text);
  }
}
