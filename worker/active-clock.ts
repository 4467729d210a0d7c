/**
 * Counts the time in which this process could act. A step longer than `longestStepMs` means that everything stood still
 * (a laptop asleep, SIGSTOP), and what the command could not use is not held against it.
 */
export class ActiveClock {
  readonly #longestStepMs: number;
  readonly #now: () => number;
  #lastLook: number;
  #activeMs = 0;

  constructor(longestStepMs: number, now: () => number = () => performance.now()) {
    this.#longestStepMs = longestStepMs;
    this.#now = now;
    this.#lastLook = now();
  }

  /** Active milliseconds since the clock was made. Look at least every half `longestStepMs`. */
  look(): number {
    const now = this.#now();
    this.#activeMs += Math.min(now - this.#lastLook, this.#longestStepMs);
    this.#lastLook = now;
    return this.#activeMs;
  }
}
