import { lstatSync, readdirSync, renameSync, unlinkSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { layout } from '../../bus-schema/layout.js';
import { printable } from '../../bus-schema/printable.js';
import { errorCode } from '../../bus-schema/store/errors.js';
import { replaceFile } from '../../bus-schema/store/write-file.js';
import { rawPath, readableName } from './raw-name.js';

/** So many bad drops are kept; older ones make room. */
const KEPT = 1000;
/** And so much of them, but always the last one. What lies in folders does not count. */
const KEPT_BYTES = 64 * 1024 ** 2;

/** The room for drops that mean nothing: moved by rename and never opened, each with a `.reason` file beside it. */
export class Quarantine {
  readonly #bus: string;
  readonly #folder: string;
  /** Oldest first, each with its size. */
  readonly #kept: Map<string, number>;
  #bytes = 0;
  #next: number;

  constructor(bus: string) {
    this.#bus = bus;
    this.#folder = join(bus, layout.quarantine);
    this.#kept = new Map();
    const labels = readdirSync(this.#folder).filter(
      name => /^\d{9}-/.test(name) && !name.endsWith('.reason'),
    );
    for (const label of labels.sort()) this.#keep(label);
    this.#next = Number(labels.at(-1)?.slice(0, 9) ?? 0) + 1;
  }

  /**
   * Moves a file out of a folder for drops. One that has gone meanwhile is no concern; one that the system will not move
   * (a folder that is closed to writing, for one) stays where it is.
   * @param name raw, as bytes.
   */
  take(folder: string, name: string, why: string): 'gone' | 'stays' {
    const label = `${String(this.#next++).padStart(9, '0')}-${labelOf(readableName(name))}`;
    try {
      renameSync(rawPath(join(this.#bus, folder), name), join(this.#folder, label));
    } catch (error) {
      const code = errorCode(error);
      if (code === undefined) throw error;
      return code === 'ENOENT' ? 'gone' : 'stays';
    }
    const reason = `${new Date().toISOString()} ${folder}/${printable(readableName(name))}: ${printable(why, 500)}\n`;
    replaceFile(this.#bus, join(this.#folder, `${label}.reason`), reason, { durable: false });
    this.#keep(label);
    while (this.#kept.size > KEPT || (this.#bytes > KEPT_BYTES && this.#kept.size > 1)) this.#forgetOldest();
    return 'gone';
  }

  get count(): number {
    return this.#kept.size;
  }

  #keep(label: string): void {
    const stat = lstatSync(join(this.#folder, label), { throwIfNoEntry: false });
    const bytes = stat?.isFile() === true ? stat.size : 0;
    this.#kept.set(label, bytes);
    this.#bytes += bytes;
  }

  #forgetOldest(): void {
    for (const [oldest, bytes] of this.#kept) {
      this.#kept.delete(oldest);
      this.#bytes -= bytes;
      this.#remove(oldest);
      this.#remove(`${oldest}.reason`);
      return;
    }
  }

  #remove(name: string): void {
    const path = join(this.#folder, name);
    try {
      unlinkSync(path);
    } catch (error) {
      // A folder cannot be unlinked, and may hold so much that nobody must wait for it; what is gone is gone.
      if (errorCode(error) !== 'ENOENT') rm(path, { recursive: true, force: true }).catch(() => undefined);
    }
  }
}

/** A name that is safe to show, and is not taken for the reason of another. */
function labelOf(name: string): string {
  return printable(name, 100)
    .replace(/[^A-Za-z0-9._@-]/g, '_')
    .replace(/\.reason$/, '_reason');
}
