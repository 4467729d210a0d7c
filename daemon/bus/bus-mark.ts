import { join } from 'node:path';
import { statSync, utimesSync } from 'node:fs';
import { layout } from '../../bus-schema/layout.js';
import { errorCode, Hindrance } from '../../bus-schema/store/errors.js';

/** By which a bus is known again: whoever puts another folder in its place has taken ours away. */
export class BusMark {
  readonly #bus: string;
  readonly #mark: string | undefined;

  constructor(bus: string) {
    this.#bus = bus;
    this.#mark = markOf(bus);
  }

  /** Whether a sign of life could be left in it now. */
  get takesSigns(): boolean {
    const now = new Date();
    try {
      utimesSync(join(this.#bus, layout.heartbeats), now, now);
      return true;
    } catch (error) {
      if (errorCode(error) === undefined) throw error;
      return false;
    }
  }

  /** Throws when the folder is gone or is another: nothing of it may be made anew behind its owner's back. */
  check(): void {
    const mark = markOf(this.#bus);
    if (mark !== undefined && mark === this.#mark) return;
    const what = mark === undefined ? 'was taken away' : 'was replaced by another folder';
    throw new Hindrance(`the bus ${this.#bus} ${what}: the daemon ends, and its workers with it`);
  }
}

function markOf(folder: string): string | undefined {
  const stat = statSync(folder, { throwIfNoEntry: false });
  return stat === undefined ? undefined : `${stat.dev} ${stat.ino}`;
}
