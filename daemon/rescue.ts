import type { AttemptId, WorkerId } from '../bus-schema/ids.js';
import type { Intake } from './intake.js';
import type { DaemonLog } from './log.js';
import type { Loop } from './loop.js';
import type { Pool } from './ports.js';
import type { Attempt } from './scheduler/state.js';

/** A worker id whose processes keep dying before they take up an attempt is given up on after so many. */
const MOST_HIRES = 5;
const HIRE_PAUSE_MS = 500;
/** Processes that would not die are looked at again after so long. */
const BURY_AGAIN_MS = 10_000;

/**
 * What becomes of attempts whose worker is gone: one that was never claimed is handed to the next process, one that was
 * is lost, but only after everything of it is dead and `events/` was searched once more for its outcome.
 */
export class Rescue {
  readonly #loop: Loop;
  readonly #pool: Pool;
  readonly #intake: Intake;
  readonly #log: Pick<DaemonLog, 'info' | 'warn' | 'error'>;
  readonly #later: (ms: number, act: () => void) => void;
  readonly #onStuck: (attempt: AttemptId, survivors: readonly number[]) => void;
  readonly #reasons = new Map<AttemptId, string>();
  readonly #hires = new Map<AttemptId, number>();

  /**
   * @param later does something after so many milliseconds, if the daemon lives then.
   * @param onStuck is told which processes of an attempt would not die, and by none of them that it is over.
   */
  constructor(parts: {
    loop: Loop;
    pool: Pool;
    intake: Intake;
    log: Pick<DaemonLog, 'info' | 'warn' | 'error'>;
    later: (ms: number, act: () => void) => void;
    onStuck?: (attempt: AttemptId, survivors: readonly number[]) => void;
  }) {
    this.#later = parts.later;
    this.#onStuck = parts.onStuck ?? (() => undefined);
    this.#loop = parts.loop;
    this.#pool = parts.pool;
    this.#intake = parts.intake;
    this.#log = parts.log;
  }

  /** For a daemon that has just started: each open attempt is adopted, started or buried. */
  takeOver(): void {
    const { state } = this.#loop;
    // What was finished while no daemon looked is settled first.
    this.#intake.sweep();
    for (const attempt of [...state.attempts.values()]) {
      const fate = attempt.bootId === state.bootId ? this.#pool.fateOf(attempt) : 'orphaned';
      this.#log.info({ attempt: attempt.id, fate }, 'took over an open attempt');
      if (fate === 'unclaimed') this.#pool.start(attempt);
      if (fate === 'orphaned') this.bury(attempt, 'its worker died');
      if (fate !== 'orphaned' && (attempt.stopping !== undefined || attempt.reported !== undefined)) {
        this.#pool.stop(attempt, attempt.stopping === undefined);
      }
    }
  }

  workerGone(worker: WorkerId, why: string): void {
    this.#log.warn({ worker, why }, 'a worker is gone');
    const attempt = this.#loop.state.slots.get(worker);
    this.#intake.sweep();
    // It had told of the end: what serves under its id from now on is another process, with another attempt.
    if (attempt === undefined || this.#loop.state.attempts.get(attempt.id) !== attempt) return;
    this.#loop.post(() => ({ type: 'WorkerLost', worker, message: why }));
    this.#loop.turn();
    if (this.#pool.fateOf(attempt) === 'unclaimed') this.#hireAgain(attempt, why);
    else this.bury(attempt, 'its worker died');
  }

  /** Ends what is left of an attempt, and settles it as lost when nothing is. */
  bury(attempt: Attempt, why: string): void {
    // What it is buried for first counts: its worker may be killed for it.
    if (!this.#reasons.has(attempt.id)) this.#reasons.set(attempt.id, why);
    this.#pool.bury(attempt);
  }

  buried(id: AttemptId, survivors: readonly number[]): void {
    this.#onStuck(id, survivors);
    if (survivors.length > 0) {
      this.#log.error(
        { attempt: id, survivors },
        'processes of a dead attempt will not die; it keeps its slot and its files',
      );
      this.#later(BURY_AGAIN_MS, () => {
        const attempt = this.#loop.state.attempts.get(id);
        if (attempt !== undefined) this.#pool.bury(attempt);
      });
      return;
    }
    const message = this.#reasons.get(id) ?? 'its worker died';
    this.#reasons.delete(id);
    // Its outcome may have come in its last moment; only now nothing can come any more.
    this.#intake.sweep();
    this.#loop.post(() => ({
      type: 'Exited',
      attempt: id,
      outcome: { kind: 'lost', message },
    }));
    this.#loop.turn();
  }

  #hireAgain(attempt: Attempt, why: string): void {
    const hires = (this.#hires.get(attempt.id) ?? 0) + 1;
    this.#hires.set(attempt.id, hires);
    if (hires > MOST_HIRES) return this.#giveUp(attempt, why);
    this.#later(HIRE_PAUSE_MS * hires, () => {
      if (this.#loop.state.attempts.get(attempt.id) !== attempt) return;
      // Asked to end while there was nobody to be told.
      if (attempt.stopping === undefined) this.#pool.start(attempt);
      else this.#takeBack(attempt, why);
    });
  }

  /** Where nobody else of the run works either, no other task of it would fare better: it is stopped. */
  #giveUp(attempt: Attempt, why: string): void {
    const { run } = attempt.node;
    const colleagues = [...this.#loop.state.attempts.values()].filter(({ node }) => node.run === run);
    if (colleagues.every(each => this.#pool.fateOf(each) === 'unclaimed'))
      this.#loop.post(() => ({ type: 'Abandon', run: run.id, message: `no worker could be had: ${why}` }));
    this.#takeBack(attempt, why);
  }

  #takeBack(attempt: Attempt, why: string): void {
    const message = `no worker could be had: ${why}`;
    if (this.#pool.revoke(attempt) === 'revoked') {
      this.#loop.post(() => ({
        type: 'Exited',
        attempt: attempt.id,
        outcome: { kind: 'failed', reason: 'not-started', message },
      }));
    }
    this.#loop.turn();
  }
}
