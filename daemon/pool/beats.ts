import type { WorkerId } from '../../bus-schema/ids.js';

/** Beats missed before a worker counts as frozen. */
const MISSED_BEATS = 3;

/**
 * Tells frozen workers from living ones by whether their beat changes, and for how long it has not by our own clock: what
 * a beat says of itself is a label.
 */
export class Beats {
  readonly #heartbeatMs: number;
  /** The last beat of each worker, and the bus time at which we first saw it. */
  readonly #known = new Map<WorkerId, { readonly beat: number | undefined; readonly seenAt: number }>();

  constructor(heartbeatMs: number) {
    this.#heartbeatMs = heartbeatMs;
  }

  /** @param now bus time. */
  isFrozen(worker: WorkerId, beat: number | undefined, now: number): boolean {
    const known = this.#known.get(worker);
    if (known === undefined || known.beat !== beat) {
      this.#known.set(worker, { beat, seenAt: now });
      return false;
    }
    return now - known.seenAt > MISSED_BEATS * this.#heartbeatMs;
  }

  forget(worker: WorkerId): void {
    this.#known.delete(worker);
  }
}
