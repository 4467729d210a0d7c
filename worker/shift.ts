import type { Order, StartOrder, StopOrder } from '../bus-schema/assignment.js';
import { unreachable } from '../bus-schema/result.js';
import { Attempt } from './attempt.js';
import { claimAttempt } from './claim.js';
import { report } from './report.js';
import type { Station } from './station.js';

/**
 * A worker's day: it takes orders as they come, carries out one attempt at a time, and knows when to go. Orders may come
 * twice (a new process of the same worker reads them all again): what was claimed before is passed over.
 */
export class Shift {
  readonly #station: Station;
  readonly #queue: StartOrder[] = [];
  #current: Attempt | undefined;
  /** Attempts and reports under way. */
  #openCount = 0;
  #idleSince = performance.now();
  #leaving: number | undefined;
  /** An attempt claimed on the way out would be left to nobody. */
  #accepting = true;
  #resolveOver: (exitCode: number) => void = () => undefined;

  /** Settles with the exit code when nothing is under way and the worker is to go. */
  readonly over = new Promise<number>(resolve => (this.#resolveOver = resolve));

  constructor(station: Station) {
    this.#station = station;
  }

  take(order: Order): void {
    switch (order.do) {
      case 'start':
        if (this.#accepting) this.#queue.push(order);
        this.#next();
        break;
      case 'stop':
        this.#stop(order);
        break;
      case 'retire':
        this.leaveWhenIdle(0);
        break;
      default:
        unreachable(order);
    }
  }

  /** To be called at each beat of the worker. */
  beat(): void {
    this.#current?.beat();
  }

  /** Ends with this exit code when all that was ordered is done. */
  leaveWhenIdle(exitCode: number): void {
    this.#leaving ??= exitCode;
    this.#goIfDone();
  }

  /** Ends what runs, starts nothing more, and ends with this exit code. What is queued stays unclaimed. */
  leaveNow(exitCode: number): void {
    this.#leaving = exitCode;
    this.#accepting = false;
    this.#queue.length = 0;
    this.#current?.end('cancelled', 0);
    this.#goIfDone();
  }

  /** 0 while an attempt is under way. */
  get idleMs(): number {
    return this.#openCount > 0 ? 0 : performance.now() - this.#idleSince;
  }

  #next(): void {
    if (this.#current !== undefined) return;
    const order = this.#queue.shift();
    if (order === undefined) return;
    const attempt = new Attempt(this.#station, order);
    this.#current = attempt;
    void this.#track(async () => {
      await attempt.run();
      this.#current = undefined;
      this.#next();
    });
  }

  #stop({ attempt, reason, afterMs, accepted }: StopOrder): void {
    if (this.#current?.order.attempt === attempt) {
      this.#current.end(reason, afterMs, accepted);
      return;
    }
    const index = this.#queue.findIndex(order => order.attempt === attempt);
    const [order] = index < 0 ? [] : this.#queue.splice(index, 1);
    if (order === undefined) return;
    // Its claim is taken so that nobody can start it any more. One that cannot be written now may be taken by others,
    // who then say what became of it.
    const claimed = claimAttempt(this.#station, order).kind;
    if (claimed === 'not-ours' || claimed === 'hindered') return;
    const outcome = { kind: 'cancelled', message: 'cancelled before it was started' } as const;
    void this.#track(() => report(this.#station, order, { outcome }));
  }

  async #track(work: () => Promise<void>): Promise<void> {
    this.#openCount++;
    await work();
    this.#openCount--;
    this.#idleSince = performance.now();
    this.#goIfDone();
  }

  #goIfDone(): void {
    if (this.#leaving === undefined || this.#openCount > 0 || this.#queue.length > 0) return;
    this.#accepting = false;
    this.#resolveOver(this.#leaving);
  }
}
