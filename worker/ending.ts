import type { StopOrder } from '../bus-schema/assignment.js';
import type { Outcome } from '../bus-schema/outcome.js';
import type { ActiveClock } from './active-clock.js';

export type EndReason = StopOrder['reason'];

interface Due {
  readonly reason: EndReason;
  readonly atMs: number;
}

/** When an attempt is to be ended, and why: by its timeout, or sooner by an order. All times are active ones. */
export class Ending {
  readonly #clock: ActiveClock;
  readonly #timeout: Due;
  #due: Due;
  #accepted: Outcome | undefined;

  constructor(timeoutMs: number, clock: ActiveClock) {
    this.#clock = clock;
    this.#timeout = { reason: 'timeout', atMs: timeoutMs };
    this.#due = this.#timeout;
  }

  /** Asks for the end after some more time; what would come later than an end already due changes nothing. */
  ask(reason: EndReason, afterMs: number, accepted?: Outcome): void {
    const atMs = this.#clock.look() + afterMs;
    this.#accepted ??= accepted;
    if (atMs < this.#due.atMs) this.#due = { reason, atMs };
  }

  /** The command has ended, as a reported outcome asked; what is left to do (`accept`) has its timeout alone. */
  commandEnded(): void {
    if (this.#due.reason === 'reported') this.#due = this.#timeout;
  }

  /** Not positive: now. */
  get inMs(): number {
    return this.#due.atMs - this.#clock.look();
  }

  get reason(): EndReason {
    return this.#due.reason;
  }

  /** The outcome that the daemon accepted from the command itself, if it did. */
  get accepted(): Outcome | undefined {
    return this.#accepted;
  }
}
