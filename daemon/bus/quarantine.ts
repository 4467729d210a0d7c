import { readdirSync, renameSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { layout } from '../../bus-schema/layout.js';
import { printable } from '../../bus-schema/printable.js';
import { errorCode } from '../../bus-schema/store/errors.js';
import { removeAll } from '../../bus-schema/store/folder.js';
import { replaceFile } from '../../bus-schema/store/write-file.js';

/** So many bad drops are kept; older ones make room. */
const KEPT = 1000;

/** The room for drops that mean nothing: moved by rename and never opened, each with a `.reason` file beside it. */
export class Quarantine {
  readonly #bus: string;
  readonly #folder: string;
  readonly #kept: string[];
  #next: number;

  constructor(bus: string) {
    this.#bus = bus;
    this.#folder = join(bus, layout.quarantine);
    this.#kept = readdirSync(this.#folder)
      .filter(name => /^\d{9}-/.test(name) && !name.endsWith('.reason'))
      .sort();
    this.#next = Number(this.#kept.at(-1)?.slice(0, 9) ?? 0) + 1;
  }

  /**
   * Moves a file out of a folder for drops. One that has gone meanwhile is no concern; one that the system will not move
   * (a folder that is closed to writing, for one) stays where it is.
   */
  take(folder: string, name: string, why: string): 'gone' | 'stays' {
    const label = `${String(this.#next++).padStart(9, '0')}-${labelOf(name)}`;
    try {
      renameSync(join(this.#bus, folder, name), join(this.#folder, label));
    } catch (error) {
      const code = errorCode(error);
      if (code === undefined) throw error;
      return code === 'ENOENT' ? 'gone' : 'stays';
    }
    const reason = `${new Date().toISOString()} ${folder}/${printable(name)}: ${printable(why, 500)}\n`;
    replaceFile(this.#bus, join(this.#folder, `${label}.reason`), reason, { durable: false });
    this.#kept.push(label);
    while (this.#kept.length > KEPT) this.#forgetOldest();
    return 'gone';
  }

  get count(): number {
    return this.#kept.length;
  }

  #forgetOldest(): void {
    const oldest = this.#kept.shift();
    if (oldest === undefined) return;
    try {
      unlinkSync(join(this.#folder, oldest));
    } catch (error) {
      // A folder cannot be unlinked, and what is gone is gone.
      if (errorCode(error) !== 'ENOENT') removeAll(join(this.#folder, oldest));
    }
    removeAll(join(this.#folder, `${oldest}.reason`));
  }
}

/** A name that is safe to show, and is not taken for the reason of another. */
function labelOf(name: string): string {
  return printable(name, 100)
    .replace(/[^A-Za-z0-9._@-]/g, '_')
    .replace(/\.reason$/, '_reason');
}
