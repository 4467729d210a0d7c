import type { Clock } from './ports.js';

/**
 * The longest gap between two looks at the clock that counts. While anything waits for time to pass, the daemon looks
 * every few seconds; a longer gap means that the machine slept, or that the daemon was stopped or blocked, and such time
 * is held against nobody.
 */
const LONGEST_GAP_MS = 15_000;

/** What a machine knows of time: milliseconds that only ever go on, and a label that anyone may set. */
export interface MachineClock {
  elapsed(): number;
  wall(): number;
}

const MACHINE: MachineClock = { elapsed: () => performance.now(), wall: () => Date.now() };

/** Bus time: goes on from the last journalled instant by the monotonic clock, so that no change of the wall clock matters. */
export class BusClock implements Clock {
  readonly #machine: MachineClock;
  #bus: number;
  #seen: number;

  /** @param last bus time of the last record, or 0 for a new bus, which begins at the wall's time. */
  constructor(last: number, machine: MachineClock = MACHINE) {
    this.#machine = machine;
    this.#bus = last === 0 ? machine.wall() : last;
    this.#seen = machine.elapsed();
  }

  now(): number {
    const seen = this.#machine.elapsed();
    this.#bus += Math.min(seen - this.#seen, LONGEST_GAP_MS);
    this.#seen = seen;
    return Math.round(this.#bus);
  }

  wall(): number {
    return this.#machine.wall();
  }
}
