import type { WorkerId } from '../../bus-schema/ids.js';
import type { Silence } from '../ports.js';

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

  /**
   * Looks at all workers at once. Those that stopped at the same moment have beaten up to a beat apart, so who has missed
   * one beat less than a frozen one is suspected with it.
   * @param now bus time.
   */
  look(beats: ReadonlyMap<WorkerId, number | undefined>, now: number): Silence<WorkerId> {
    const limitMs = MISSED_BEATS * this.#heartbeatMs;
    const silent: WorkerId[] = [];
    let suspects = 0;
    for (const [worker, beat] of beats) {
      const silence = this.#silenceOf(worker, beat, now);
      if (silence > limitMs) silent.push(worker);
      if (silence > limitMs - this.#heartbeatMs) suspects++;
    }
    return { watched: beats.size, suspects, silent, limitMs };
  }

  /** Time in which nobody looked is no silence of anybody's. */
  excuse(ms: number): void {
    for (const [worker, { beat, seenAt }] of this.#known)
      this.#known.set(worker, { beat, seenAt: seenAt + ms });
  }

  forget(worker: WorkerId): void {
    this.#known.delete(worker);
  }

  #silenceOf(worker: WorkerId, beat: number | undefined, now: number): number {
    const known = this.#known.get(worker);
    if (known !== undefined && known.beat === beat) return now - known.seenAt;
    this.#known.set(worker, { beat, seenAt: now });
    return 0;
  }
}
