import type { AttemptId, WorkerId } from '../../bus-schema/ids.js';
import { Beats } from '../../daemon/pool/beats.js';
import { fateFrom } from '../../daemon/pool/claim-look.js';
import { startOrder } from '../../daemon/pool/start-order.js';
import type { Attempt, Fate, Pool, Silence } from '../../daemon/ports.js';
import { checkFrozen, checkTimeout } from './checks.js';
import type { SimCommand } from './command.js';
import type { Machine } from './machine.js';
import { SimWorker } from './worker.js';

const LIMITS = { settleGraceMs: 10_000, killGraceMs: 5000, logCapBytes: 1024 };
export const HEARTBEAT_MS = 5000;
/** That there is no worker to be had is known after so long. */
const LONGEST_HIRE_MS = 100;

export interface PoolEvents {
  readonly workerGone: (worker: WorkerId, why: string) => void;
  readonly buried: (attempt: AttemptId, survivors: readonly number[]) => void;
  /** Does something within so many milliseconds, if the daemon lives then. */
  readonly within: (ms: number, act: () => void) => void;
  readonly started: (command: SimCommand) => void;
}

/** One daemon's view of the simulated processes: what it holds of them dies with it, they do not. */
export class SimPool implements Pool {
  readonly #machine: Machine;
  readonly #events: PoolEvents;
  readonly #beats = new Beats(HEARTBEAT_MS);
  /** When this daemon began to watch. */
  readonly #since: number;
  readonly #workers = new Map<WorkerId, SimWorker>();
  readonly #buried = new Set<AttemptId>();
  /** Those of the workers that it started itself. */
  readonly #hired = new Set<SimWorker>();

  constructor(machine: Machine, events: PoolEvents) {
    this.#machine = machine;
    this.#events = events;
    this.#since = machine.watchedMs;
  }

  adopt(): void {
    for (const [id, worker] of this.#machine.workers) if (worker.alive) this.#workers.set(id, worker);
  }

  start(attempt: Attempt): void {
    this.#machine.call();
    const { handedOut, countedMs } = this.#machine;
    if (!handedOut.has(attempt.id)) handedOut.set(attempt.id, countedMs);
    if (!this.#workers.has(attempt.worker) && !this.#hire(attempt.worker)) return;
    this.#machine.order(attempt.worker, startOrder(attempt, '/repo', LIMITS));
    this.#machine.call();
  }

  stop(attempt: Attempt, graceful: boolean): void {
    this.#machine.call();
    if (attempt.stopping === 'timeout') checkTimeout(this.#machine, attempt);
    if (!this.#workers.has(attempt.worker)) return;
    this.#machine.order(attempt.worker, {
      do: 'stop',
      attempt: attempt.id,
      reason: attempt.stopping ?? 'reported',
      afterMs: graceful ? LIMITS.settleGraceMs : 0,
      ...(attempt.reported === undefined ? {} : { accepted: attempt.reported.outcome }),
    });
  }

  replace(id: WorkerId): void {
    this.#workers.delete(id);
    this.#beats.forget(id);
  }

  fateOf(attempt: Attempt): Fate {
    const claim = this.#machine.claims.get(attempt.id);
    const worker = this.#workers.get(attempt.worker);
    return fateFrom(claim && { holder: claim.value }, worker && { identity: worker.identity });
  }

  bury(attempt: Attempt): void {
    this.#buried.add(attempt.id);
    this.#machine.call();
    this.#events.within(LIMITS.killGraceMs, () => {
      const command = this.#machine.commands.get(attempt.id);
      if (command?.alive === true && command.bootId === this.#machine.bootId) command.kill();
      this.#events.buried(attempt.id, command?.alive === true ? [1] : []);
    });
  }

  /** This daemon has begun to end what is left of it. */
  isBuried(attempt: Attempt): boolean {
    return this.#buried.has(attempt.id);
  }

  revoke(attempt: Attempt): 'revoked' | 'claimed' {
    this.#machine.call();
    if (this.#machine.claims.has(attempt.id)) return 'claimed';
    const value = { pid: 1, startTime: '0', bootId: this.#machine.bootId };
    this.#machine.claims.set(attempt.id, { value, durable: false });
    return 'revoked';
  }

  /** The end of a worker that this daemon started is told to it, sooner or later; that of one that it found is not. */
  hearOfEnds(): void {
    for (const worker of [...this.#workers.values()])
      if (!worker.alive && this.#hired.has(worker) && this.#machine.dice.chance(0.7)) this.#gone(worker.id);
  }

  /** @param now bus time. */
  round(now: number): Silence<WorkerId> {
    for (const worker of [...this.#workers.values()]) if (!worker.alive) this.#gone(worker.id);
    return this.#beats.look(
      new Map([...this.#workers.values()].map(worker => [worker.id, worker.lastBeat])),
      now,
    );
  }

  excuse(ms: number): void {
    this.#beats.excuse(ms);
  }

  kill(frozen: readonly WorkerId[]): void {
    const watched = [...this.#workers.values()];
    for (const id of frozen) {
      const worker = this.#workers.get(id);
      if (worker === undefined) continue;
      checkFrozen(this.#machine, { worker, watched, since: this.#since });
      worker.kill();
    }
  }

  #gone(id: WorkerId): void {
    this.replace(id);
    this.#events.workerGone(id, 'its process is gone');
  }

  #hire(id: WorkerId): boolean {
    const { workers } = this.#machine;
    const old = workers.get(id);
    // The kernel lock of the id is held by a process that we have not found: nobody else can serve under it.
    if (this.#machine.lacksProcesses() || old?.alive === true) {
      this.#events.within(LONGEST_HIRE_MS, () => {
        if (!this.#workers.has(id)) this.#events.workerGone(id, 'it could not be started');
      });
      return false;
    }
    const worker = new SimWorker(id, this.#machine, this.#events.started);
    workers.set(id, worker);
    this.#workers.set(id, worker);
    this.#hired.add(worker);
    return true;
  }
}
