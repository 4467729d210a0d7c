import type { AttemptId } from '../../bus-schema/ids.js';
import type { Silence } from './self-doubt.js';
import type { State } from './state.js';

/**
 * Watches whether running tasks get on. An attempt that has shown a sign of progress once is expected to go on showing
 * them; one that never did (an agent that prints only at its end) is bounded by its timeout alone, because silence says
 * nothing about it.
 *
 * Not part of the state and never journalled: after a restart nobody has been silent for long, so nobody is ended for
 * a gap that was the daemon's. Time is bus time, which stands still while the machine sleeps.
 */
export class Liveness {
  readonly #lastSign = new Map<AttemptId, number>();

  /** The attempt showed that it gets on: output, a PROGRESS or HEARTBEAT drop. */
  sign(attempt: AttemptId, at: number): void {
    this.#lastSign.set(attempt, at);
  }

  /** When the attempt last showed a sign; undefined when it never did. */
  lastSign(attempt: AttemptId): number | undefined {
    return this.#lastSign.get(attempt);
  }

  /**
   * The attempts that have been silent for longer than their run allows, among all that have ever shown a sign. Forgets
   * those that are settled.
   */
  look(state: State, at: number): Silence<AttemptId> {
    const silent: AttemptId[] = [];
    let [watched, limitMs] = [0, 0];
    for (const [id, last] of this.#lastSign) {
      const attempt = state.attempts.get(id);
      if (attempt === undefined) {
        this.#lastSign.delete(id);
        continue;
      }
      // Who is being ended is judged already.
      if (attempt.stopping !== undefined) continue;
      watched++;
      const { heartbeatTimeoutMs } = attempt.node.run.plan.settings;
      // Who waits for another has nothing to show, and is not to blame.
      if (attempt.wants !== undefined) this.sign(id, at);
      else if (at - last > heartbeatTimeoutMs) {
        silent.push(id);
        limitMs = Math.max(limitMs, heartbeatTimeoutMs);
      }
    }
    return { watched, suspects: silent.length, silent, limitMs };
  }

  /** Time in which nobody looked is no silence of anybody's. */
  excuse(ms: number): void {
    for (const [id, last] of this.#lastSign) this.#lastSign.set(id, last + ms);
  }
}
