import type { AttemptId, WorkerId } from '../../bus-schema/ids.js';
import { Beats } from '../../daemon/pool/beats.js';
import { fateFrom } from '../../daemon/pool/claim-look.js';
import { startOrder } from '../../daemon/pool/start-order.js';
import type { Attempt, Fate, Pool } from '../../daemon/ports.js';
import { SelfDoubt } from '../../daemon/scheduler/self-doubt.js';
import type { SimCommand } from './command.js';
import type { Machine } from './machine.js';
import { SimWorker } from './worker.js';

const LIMITS = { settleGraceMs: 10_000, killGraceMs: 5000, logCapBytes: 1024 };
export const HEARTBEAT_MS = 5000;

export interface PoolEvents {
  readonly workerGone: (worker: WorkerId, why: string) => void;
  readonly buried: (attempt: AttemptId, survivors: readonly number[]) => void;
  /** Does something soon, if the daemon lives then. */
  readonly soon: (act: () => void) => void;
  readonly started: (command: SimCommand) => void;
}

/** One daemon's view of the simulated processes: what it holds of them dies with it, they do not. */
export class SimPool implements Pool {
  readonly #machine: Machine;
  readonly #events: PoolEvents;
  readonly #beats = new Beats(HEARTBEAT_MS);
  readonly #doubt = new SelfDoubt();
  readonly #workers = new Map<WorkerId, SimWorker>();

  constructor(machine: Machine, events: PoolEvents) {
    this.#machine = machine;
    this.#events = events;
  }

  adopt(): void {
    for (const [id, worker] of this.#machine.workers) if (worker.alive) this.#workers.set(id, worker);
  }

  start(attempt: Attempt): void {
    this.#machine.call();
    if (!this.#workers.has(attempt.worker) && !this.#hire(attempt.worker)) return;
    this.#machine.order(attempt.worker, startOrder(attempt, '/repo', LIMITS));
    this.#machine.call();
  }

  stop(attempt: Attempt, graceful: boolean): void {
    this.#machine.call();
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
    this.#machine.call();
    this.#events.soon(() => {
      const command = this.#machine.commands.get(attempt.id);
      if (command?.alive === true && command.bootId === this.#machine.bootId) command.kill();
      this.#events.buried(attempt.id, command?.alive === true ? [1] : []);
    });
  }

  revoke(attempt: Attempt): 'revoked' | 'claimed' {
    this.#machine.call();
    if (this.#machine.claims.has(attempt.id)) return 'claimed';
    const value = { pid: 1, startTime: '0', bootId: this.#machine.bootId };
    this.#machine.claims.set(attempt.id, { value, durable: false });
    return 'revoked';
  }

  /** @param now bus time. */
  round(now: number): void {
    const living = [...this.#workers.values()].filter(worker => worker.alive);
    const beats = new Map(living.map(worker => [worker.id, worker.lastBeat]));
    const verdict = this.#doubt.judge(this.#beats.look(beats, now), now);
    if (verdict.kind === 'reap') for (const id of verdict.silent) this.#workers.get(id)?.kill();
    for (const worker of [...this.#workers.values()]) if (!worker.alive) this.#gone(worker.id);
  }

  #gone(id: WorkerId): void {
    this.replace(id);
    this.#events.workerGone(id, 'its process is gone');
  }

  #hire(id: WorkerId): boolean {
    const { dice, faults, workers } = this.#machine;
    const old = workers.get(id);
    // The kernel lock of the id is held by a process that we have not found: nobody else can serve under it.
    if (dice.chance(faults.noWorkerToBeHad) || old?.alive === true) {
      this.#events.soon(() => {
        if (!this.#workers.has(id)) this.#events.workerGone(id, 'it could not be started');
      });
      return false;
    }
    const worker = new SimWorker(id, this.#machine, this.#events.started);
    workers.set(id, worker);
    this.#workers.set(id, worker);
    return true;
  }
}
