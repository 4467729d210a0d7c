import { watch, type FSWatcher } from 'node:fs';
import type { AttemptLog } from './attempt-log.js';

/** A quick command fills a disk in few beats. */
const LOOK_MS = 250;
/** After so many looks at a log that stays as it is, it is left to say by itself when it grows. */
const QUIET_LOOKS = 8;

/** Keeps an attempt's log to its cap: looks often while it grows, and not at all while nothing is written. */
export class LogCap {
  readonly #log: AttemptLog;
  readonly #onFault: (error: unknown) => void;
  #looks: NodeJS.Timeout | undefined;
  #watcher: FSWatcher | undefined;
  #bytes = 0;
  #quiet = 0;

  constructor(log: AttemptLog, onFault: (error: unknown) => void) {
    this.#log = log;
    this.#onFault = onFault;
    this.#lookOften();
  }

  keep(): void {
    try {
      this.#log.keepToCap();
    } catch (error) {
      this.#onFault(error);
    }
  }

  close(): void {
    this.#stop();
    this.keep();
  }

  #lookOften(): void {
    this.#stop();
    this.#quiet = 0;
    this.#looks = setInterval(() => {
      this.#look();
    }, LOOK_MS);
  }

  #look(): void {
    this.keep();
    const { bytes } = this.#log;
    this.#quiet = bytes === this.#bytes ? this.#quiet + 1 : 0;
    this.#bytes = bytes;
    if (this.#quiet >= QUIET_LOOKS) this.#waitForMore();
  }

  /** The system wakes us at each write, so only for the first. Where it cannot, we go on looking. */
  #waitForMore(): void {
    try {
      const lookOften = (): void => {
        this.#lookOften();
      };
      this.#watcher = watch(this.#log.path, lookOften).on('error', lookOften);
    } catch {
      return;
    }
    clearInterval(this.#looks);
    // What was written before the watch began is seen here.
    if (this.#log.bytes !== this.#bytes) this.#lookOften();
  }

  #stop(): void {
    clearInterval(this.#looks);
    this.#watcher?.close();
    this.#watcher = undefined;
  }
}
