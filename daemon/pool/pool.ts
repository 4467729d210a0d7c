import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { AttemptId, WorkerId } from '../../bus-schema/ids.js';
import type { ContainmentSetting } from '../../bus-schema/containment.js';
import { layout } from '../../bus-schema/layout.js';
import { isShortage } from '../../bus-schema/store/errors.js';
import { replaceFile } from '../../bus-schema/store/write-file.js';
import type { Attempt, Fate, Pool, Silence } from '../ports.js';
import { Beats } from './beats.js';
import { buryAttempt } from './burial.js';
import { fateFrom, lookAtClaim, revoke } from './claim-look.js';
import { chooseContainment } from './containment.js';
import { startOrder, workOf, type CommandLimits } from './start-order.js';
import { WorkerProcess, type WorkerHome } from './worker-process.js';

/** What the pool tells, from outside of any turn. */
export interface PoolEvents {
  /** An attempt is about to be handed to its worker. */
  readonly aboutToStart: (attempt: Attempt) => void;
  /** A worker's process is gone or could not be had. What it had in hand is for the listener to look after. */
  readonly workerGone: (worker: WorkerId, why: string) => void;
  /** Nothing is left of an attempt that `bury` was asked about; or some processes of it would not die. */
  readonly buried: (attempt: AttemptId, survivors: readonly number[]) => void;
}

/** Where the machine is too short of something to look what lives of an attempt, it is looked again after so long. */
const BURY_AGAIN_MS = 1000;

/** Who gets the first task when nothing else runs. */
const FIRST_WORKER = 'worker-1' as WorkerId;

/** Long-lived processes, one for each slot that was ever needed, started when it first is. */
export class WorkerPool implements Pool {
  readonly #home: WorkerHome;
  readonly #limits: CommandLimits;
  readonly #events: PoolEvents;
  readonly #workers = new Map<WorkerId, WorkerProcess>();
  readonly #beats: Beats;
  readonly #adopted = new Set<WorkerId>();
  readonly #containment: ContainmentSetting;
  readonly #burying = new Set<AttemptId>();

  /** @param containment one that is known to be to be had. */
  constructor(
    home: WorkerHome,
    limits: CommandLimits,
    events: PoolEvents,
    containment: ContainmentSetting = 'auto',
  ) {
    this.#home = home;
    this.#containment = containment;
    this.#limits = limits;
    this.#events = events;
    this.#beats = new Beats(home.heartbeatMs);
  }

  /** Finds the workers that an earlier daemon left running. */
  adopt(): void {
    for (const name of readdirSync(join(this.#home.bus, layout.workers))) {
      if (!/^worker-\d+$/.test(name)) continue;
      const id = name as WorkerId;
      const worker = WorkerProcess.adopt(id, this.#home);
      if (worker === undefined) continue;
      this.#workers.set(id, worker);
      this.#adopted.add(id);
    }
  }

  /** Starts a worker for what is to come, where there is none yet: it gets ready while the rest is still being decided. */
  expectWork(): void {
    if (this.#workers.size === 0) this.#hire(FIRST_WORKER);
  }

  start(attempt: Attempt): void {
    const { run } = attempt.node;
    const worker = this.#workers.get(attempt.worker) ?? this.#hire(attempt.worker);
    if (worker === undefined) return;
    this.#events.aboutToStart(attempt);
    const work = workOf(attempt);
    if (work.kind === 'agent') {
      const path = join(this.#home.bus, layout.prompt(run.id, attempt.id));
      replaceFile(this.#home.bus, path, work.prompt, { durable: false });
    }
    try {
      worker.order(startOrder(attempt, this.#home.repo, this.#limits));
    } catch (error) {
      this.#refused(attempt.worker, error);
    }
  }

  stop(attempt: Attempt, graceful: boolean): void {
    const afterMs = graceful ? this.#limits.settleGraceMs : 0;
    const reason = attempt.stopping ?? 'reported';
    const accepted = attempt.reported === undefined ? {} : { accepted: attempt.reported.outcome };
    this.#workers
      .get(attempt.worker)
      ?.order({ do: 'stop', attempt: attempt.id, reason, afterMs, ...accepted });
  }

  replace(id: WorkerId): void {
    this.#workers.get(id)?.close();
    this.#workers.delete(id);
    this.#beats.forget(id);
    this.#adopted.delete(id);
  }

  fateOf(attempt: Attempt): Fate {
    const worker = this.#workers.get(attempt.worker);
    return fateFrom(lookAtClaim(this.#home.bus, attempt), worker && { identity: worker.identity });
  }

  /** Takes an attempt back that nobody has claimed, for good. */
  revoke(attempt: Attempt): 'revoked' | 'claimed' {
    return revoke(this.#home.bus, attempt);
  }

  bury(attempt: Attempt): void {
    // A worker that is killed for it is reported as gone, and its attempt to be buried once more.
    if (this.#burying.has(attempt.id)) return;
    this.#burying.add(attempt.id);
    const bury = buryAttempt(this.#home.bus, attempt, this.#limits.killGraceMs);
    void bury
      .finally(() => this.#burying.delete(attempt.id))
      .then(
        survivors => {
          this.#events.buried(attempt.id, survivors);
        },
        (error: unknown) => {
          // Nobody can see what lives of it, and so it is not over.
          if (!isShortage(error)) throw error;
          setTimeout(() => {
            this.bury(attempt);
          }, BURY_AGAIN_MS).unref();
        },
      );
  }

  /**
   * Looks after the workers: of adopted ones nobody tells us the end. To be called every few seconds while something runs.
   * @param now bus time.
   * @returns those that no longer beat.
   */
  round(now: number): Silence<WorkerId> {
    const beats = new Map<WorkerId, number | undefined>();
    for (const worker of [...this.#workers.values()]) {
      if (this.#adopted.has(worker.id) && !worker.isAlive) this.#gone(worker.id, 'its process is gone');
      else beats.set(worker.id, worker.lastBeat);
    }
    return this.#beats.look(beats, now);
  }

  /** Time in which we did not look at the workers is held against none of them. */
  excuse(ms: number): void {
    this.#beats.excuse(ms);
  }

  /** Ends frozen workers, of whose end `workerGone` tells. */
  kill(frozen: readonly WorkerId[]): void {
    for (const id of frozen) this.#workers.get(id)?.kill();
  }

  /** Of each worker: its pid, and when it beat last. */
  get sightings(): Map<WorkerId, { pid: number; lastBeat: string }> {
    const sightings = new Map<WorkerId, { pid: number; lastBeat: string }>();
    for (const [id, worker] of this.#workers) {
      const beat = worker.lastBeat;
      sightings.set(id, {
        pid: worker.identity?.pid ?? 0,
        lastBeat: new Date(beat ?? Date.now()).toISOString(),
      });
    }
    return sightings;
  }

  /** Sends the workers home: each ends when it has nothing left to do, and nobody is told. */
  retire(): void {
    for (const worker of this.#workers.values()) worker.order({ do: 'retire' });
    this.close();
  }

  /** Leaves the workers to themselves: what becomes of them from now on is the next daemon's concern. */
  close(): void {
    for (const id of [...this.#workers.keys()]) this.replace(id);
  }

  #hire(id: WorkerId): WorkerProcess | undefined {
    const containment = chooseContainment(this.#containment);
    const kind = containment.ok ? containment.value : 'group';
    try {
      const worker = WorkerProcess.start(id, this.#home, kind, why => {
        if (this.#workers.get(id) === worker) this.#gone(id, why);
      });
      if (worker instanceof WorkerProcess) {
        this.#workers.set(id, worker);
        return worker;
      }
      this.#absent(id, worker.why);
    } catch (error) {
      this.#refused(id, error);
    }
    return undefined;
  }

  /** A machine that is short of something may have it in a moment; anything else is final. */
  #refused(id: WorkerId, error: unknown): void {
    if (!isShortage(error) || !(error instanceof Error)) throw error;
    this.#absent(id, error.message);
  }

  #absent(id: WorkerId, why: string): void {
    setImmediate(() => {
      // Another try may have had one since: what is said of the first is not about it.
      if (this.#workers.has(id)) return;
      this.#events.workerGone(id, why);
    });
  }

  #gone(id: WorkerId, why: string): void {
    this.replace(id);
    this.#events.workerGone(id, why);
  }
}
