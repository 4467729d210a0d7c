/** A file that is held so long is worth a line. */
const LASTING_MS = 5000;

/** What a task found held, and by whom: an attempt's id, or the name of a program outside. */
export interface LockWait {
  readonly holder: string;
  readonly path: string;
}

/** Tasks that wait for a file, since when, and whether that has been told. */
export class LockWaits {
  readonly #waits = new Map<string, LockWait & { readonly since: number }>();
  readonly #told = new Set<string>();

  /** Whoever waits for one holder after the other waits from the first on. */
  begin(task: string, wait: LockWait, now: number): void {
    const since = this.#waits.get(task)?.since ?? now;
    this.#waits.set(task, { ...wait, since });
  }

  end(task: string): void {
    this.#waits.delete(task);
  }

  /** Those that have lasted and were not told yet. */
  lasting(now: number): [string, LockWait][] {
    return [...this.#waits].filter(([task, { since }]) => now - since > LASTING_MS && !this.#told.has(task));
  }

  /** It has been told, and is not again. */
  tell(task: string): void {
    this.#told.add(task);
  }
}
