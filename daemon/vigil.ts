import type { AttemptId, WorkerId } from '../bus-schema/ids.js';
import type { DaemonLog } from './log.js';
import type { Silence } from './ports.js';
import type { Liveness } from './scheduler/liveness.js';
import { SelfDoubt } from './scheduler/self-doubt.js';
import type { State } from './scheduler/state.js';

/** While a run is active: a round of looking comes after so long. */
export const ROUND_MS = 2000;
/** A round that comes later than this was kept from us: the machine slept, or we were stopped or blocked. */
const LATE_MS = 2 * ROUND_MS;

/** Whoever knows how long each worker has been silent. */
interface Listener {
  round(now: number): Silence<WorkerId>;
  excuse(ms: number): void;
}

/**
 * Watches over workers and attempts, and says which of the silent are to be ended: nobody for time in which we did not look
 * or nobody could show that he lives, and nobody at once when many fall silent together. All times are bus time.
 */
export class Vigil {
  readonly #workers: Listener;
  readonly #attempts: Liveness;
  readonly #log: Pick<DaemonLog, 'warn'>;
  readonly #doubts = { worker: new SelfDoubt(), attempt: new SelfDoubt() };
  #lastRound: number | undefined;
  #tookSigns = true;

  constructor(parts: { workers: Listener; attempts: Liveness; log: Pick<DaemonLog, 'warn'> }) {
    this.#workers = parts.workers;
    this.#attempts = parts.attempts;
    this.#log = parts.log;
  }

  /** Rounds begin, for the first time or after a rest in which nobody was looked at. */
  begin(now: number): void {
    if (this.#lastRound !== undefined) this.#excuse(now - this.#lastRound);
    this.#lastRound = now;
  }

  /**
   * A round begins.
   * @param takesSigns whether a sign of life can be left at this moment: on a disk that is closed to writing nobody can.
   */
  arrive(now: number, takesSigns: boolean): void {
    const gap = now - (this.#lastRound ?? now);
    const couldBeat = this.#tookSigns && takesSigns;
    this.#lastRound = now;
    this.#tookSigns = takesSigns;
    if (gap <= LATE_MS && couldBeat) return;
    this.#excuse(gap);
    if (gap <= LATE_MS) return;
    this.#log.warn({ ms: gap }, 'a round came late: the machine slept, or the daemon was stopped or busy');
  }

  /** Workers that are to be ended, since they do not beat. */
  frozen(now: number): readonly WorkerId[] {
    return this.#judge('worker', this.#workers.round(now), now);
  }

  /** Attempts that are to be ended, since they do not get on. */
  stalled(state: State, now: number): readonly AttemptId[] {
    return this.#judge('attempt', this.#attempts.look(state, now), now);
  }

  #excuse(ms: number): void {
    this.#workers.excuse(ms);
    this.#attempts.excuse(ms);
    this.#doubts.worker.excuse(ms);
    this.#doubts.attempt.excuse(ms);
  }

  #judge<Id>(kind: 'worker' | 'attempt', silence: Silence<Id>, now: number): readonly Id[] {
    const verdict = this.#doubts[kind].judge(silence, now);
    if (verdict.kind === 'doubted')
      this.#log.warn(
        { kind, silent: silence.silent, of: silence.watched, forMs: verdict.forMs },
        'many fell silent at once, which may be our own fault: none is ended for one more period',
      );
    return verdict.kind === 'reap' ? verdict.silent : [];
  }
}
