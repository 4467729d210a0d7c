import type { StopOrder } from '../bus-schema/assignment.js';
import type { ActiveClock } from './active-clock.js';

export type EndReason = StopOrder['reason'];

/** When an attempt is to be ended, and why: by its timeout, or sooner by an order. All times are active ones. */
export class Ending {
  readonly #clock: ActiveClock;
  #reason: EndReason = 'timeout';
  #dueAtMs: number;
  #reported = false;

  constructor(timeoutMs: number, clock: ActiveClock) {
    this.#clock = clock;
    this.#dueAtMs = timeoutMs;
  }

  /** Asks for the end after some more time; what would come later than an end already due changes nothing. */
  ask(reason: EndReason, afterMs: number): void {
    const dueAtMs = this.#clock.look() + afterMs;
    if (reason === 'reported') this.#reported = true;
    if (dueAtMs >= this.#dueAtMs) return;
    this.#dueAtMs = dueAtMs;
    this.#reason = reason;
  }

  /** Not positive: now. */
  get inMs(): number {
    return this.#dueAtMs - this.#clock.look();
  }

  get reason(): EndReason {
    return this.#reason;
  }

  /** Whether the daemon has accepted an outcome from the command itself. */
  get reported(): boolean {
    return this.#reported;
  }
}
