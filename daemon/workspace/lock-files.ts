import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { readDrop } from '../../bus-schema/store/read-file.js';
import { replaceWithin } from '../../bus-schema/store/write-file.js';
import { workspaceLayout } from '../../bus-schema/workspace.js';
import { namesIn, unlinkIfThere } from './session-folder.js';

const LARGEST_LOCK_BYTES = 1024;

/** `<first 16 hex digits of the path's SHA-256>.lock`: as `printf %s PATH | sha256sum | cut -c1-16` says it. */
export function lockName(path: string): string {
  return `${createHash('sha256').update(path).digest('hex').slice(0, 16)}.lock`;
}

/** `locks/`: a file for each path that is held, with the worker's id in it. */
export class LockFiles {
  readonly #folder: string;
  readonly #written = new Map<string, string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @param locks path → worker. */
  write(locks: ReadonlyMap<string, string>): void {
    const wanted = new Map([...locks].map(([path, worker]) => [lockName(path), worker]));
    for (const name of [...this.#written.keys()]) {
      if (wanted.has(name)) continue;
      unlinkIfThere(this.#pathOf(name));
      this.#written.delete(name);
    }
    for (const [name, worker] of wanted) {
      if (this.#written.get(name) === worker) continue;
      replaceWithin(this.#folder, workspaceLayout.lock(name), `${worker}\n`);
      this.#written.set(name, worker);
    }
  }

  /** The folder was made anew: nothing of ours is in it. */
  forget(): void {
    this.#written.clear();
  }

  /** Removes what workers left that have nothing to do any more. Whose a lock is, only its content says. */
  sweep(isBusy: (worker: string) => boolean): void {
    for (const name of namesIn(join(this.#folder, workspaceLayout.locks))) {
      if (!name.endsWith('.lock') || this.#written.has(name)) continue;
      const read = readDrop(this.#pathOf(name), [process.getuid?.() ?? 0], LARGEST_LOCK_BYTES);
      const worker = read.ok ? read.value.text.trim() : '';
      if (/^worker-\d+$/.test(worker) && !isBusy(worker)) unlinkIfThere(this.#pathOf(name));
    }
  }

  #pathOf(name: string): string {
    return join(this.#folder, workspaceLayout.lock(name));
  }
}
