import { watch } from 'node:fs';

/** Above what was shown before: the cursor to the top left, then all below it cleared. */
const HOME = '\u001b[H\u001b[J';

/** Shows a text again and again: in the same place on a terminal, one below the other elsewhere. */
export class Redraw {
  readonly #live: boolean;
  #first = true;

  constructor(live: boolean) {
    this.#live = live;
  }

  show(text: string): void {
    process.stdout.write(this.#live ? `${this.#first ? '\u001b[2J' : ''}${HOME}${text}` : text);
    this.#first = false;
  }

  /** Waits at least `leastMs`, then until the folder's files change, in all at most `leastMs` and `mostMs`. */
  async pause(folder: string, leastMs: number, mostMs: number): Promise<void> {
    const seen = { change: false };
    let wake: () => void = () => undefined;
    const close = watchQuietly(folder, () => {
      seen.change = true;
      wake();
    });
    try {
      await sleep(leastMs);
      if (seen.change) return;
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, mostMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    } finally {
      close();
    }
  }
}

/** Calls back when something in a folder (or a file) may have changed; where no watch can be had, never. */
export function watchQuietly(path: string, onHint: () => void): () => void {
  try {
    const watcher = watch(path, onHint);
    watcher.on('error', () => {
      watcher.close();
    });
    return () => {
      watcher.close();
    };
  } catch {
    return () => undefined;
  }
}

const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));
