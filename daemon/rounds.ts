import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { AttemptId } from '../bus-schema/ids.js';
import { layout } from '../bus-schema/layout.js';
import type { Intake } from './intake.js';
import type { Loop } from './loop.js';
import type { BusMark } from './bus/bus-mark.js';
import type { ViewFiles } from './bus/view-files.js';
import type { DaemonLog } from './log.js';
import type { WorkerPool } from './pool/pool.js';
import type { Clock } from './ports.js';
import type { Liveness } from './scheduler/liveness.js';
import { nextWakeAt } from './scheduler/stall.js';
import { ROUND_MS, Vigil } from './vigil.js';
import type { Workspaces } from './workspace/workspaces.js';

const ROUNDS_PER_VIEW = 15;
/** A run's own folder tells once a second how far it is. */
const WORKSPACE_MS = 1000;

/**
 * What has to be looked at because nobody tells: forgotten drops, silent workers, growing logs. Goes only while a run is
 * active; at rest nothing wakes, except where nothing can be watched.
 */
export class Rounds {
  readonly #bus: string;
  readonly #loop: Loop;
  readonly #intake: Intake;
  readonly #pool: WorkerPool;
  readonly #clock: Clock;
  readonly #liveness: Liveness;
  readonly #views: ViewFiles;
  readonly #workspaces: Workspaces;
  readonly #vigil: Vigil;
  readonly #mark: BusMark;
  readonly #logSizes = new Map<AttemptId, number>();
  #count = 0;
  /** What is looked for at rest as well, since no hint will tell of it. */
  #polled: (() => void) | undefined;
  #round: NodeJS.Timeout | undefined;
  #wake: NodeJS.Timeout | undefined;
  #second: NodeJS.Timeout | undefined;

  constructor(
    bus: string,
    parts: {
      loop: Loop;
      intake: Intake;
      pool: WorkerPool;
      clock: Clock;
      liveness: Liveness;
      views: ViewFiles;
      workspaces: Workspaces;
      log: Pick<DaemonLog, 'warn'>;
      mark: BusMark;
    },
  ) {
    this.#bus = bus;
    this.#loop = parts.loop;
    this.#intake = parts.intake;
    this.#pool = parts.pool;
    this.#clock = parts.clock;
    this.#liveness = parts.liveness;
    this.#views = parts.views;
    this.#workspaces = parts.workspaces;
    this.#vigil = new Vigil({ workers: parts.pool, attempts: parts.liveness, log: parts.log });
    this.#mark = parts.mark;
  }

  /** From now on goes at rest too, and does this each time: nothing can be watched. */
  poll(act: () => void): void {
    this.#polled = act;
    this.arrange();
  }

  /** To be called after every turn: the next look is due when the state says so. */
  arrange(): void {
    const { state } = this.#loop;
    const busy = state.active.size > 0 || state.attempts.size > 0;
    if (busy || this.#polled !== undefined) this.#begin();
    else this.stop();
    if (busy && !this.#workspaces.isEmpty)
      this.#second ??= setInterval(() => this.#workspaces.look(), WORKSPACE_MS);
    clearTimeout(this.#wake);
    const at = nextWakeAt(state);
    if (at !== undefined) {
      // Timers fire up to a millisecond early.
      this.#wake = setTimeout(() => this.#tick(), Math.max(1, at - this.#clock.now() + 1));
    }
  }

  stop(): void {
    clearInterval(this.#round);
    clearInterval(this.#second);
    clearTimeout(this.#wake);
    this.#round = undefined;
    this.#second = undefined;
  }

  #begin(): void {
    if (this.#round !== undefined) return;
    this.#round = setInterval(() => this.#goRound(), ROUND_MS);
    this.#vigil.begin(this.#clock.now());
  }

  #tick(): void {
    this.#loop.post(() => ({ type: 'Tick' }));
    this.#loop.turn();
  }

  #goRound(): void {
    this.#mark.check();
    const now = this.#clock.now();
    this.#vigil.arrive(now, this.#mark.takesSigns);
    this.#polled?.();
    this.#intake.sweep();
    this.#pool.kill(this.#vigil.frozen(now));
    this.#listenToLogs(now);
    for (const attempt of this.#vigil.stalled(this.#loop.state, now))
      this.#loop.post(() => ({ type: 'Stalled', attempt }));
    this.#tick();
    this.#views.look();
    // Beats and times go on in the views even when nothing else happens; who reads them there thinks in minutes.
    if (++this.#count % ROUNDS_PER_VIEW === 0) this.#views.touch();
  }

  /** Output is a sign that a task gets on. */
  #listenToLogs(now: number): void {
    const { attempts } = this.#loop.state;
    for (const id of this.#logSizes.keys()) if (!attempts.has(id)) this.#logSizes.delete(id);
    for (const attempt of attempts.values()) {
      const path = join(this.#bus, layout.attemptLog(attempt.node.run.id, attempt.id));
      const size = lstatSync(path, { throwIfNoEntry: false })?.size ?? 0;
      if (size === (this.#logSizes.get(attempt.id) ?? 0)) continue;
      this.#logSizes.set(attempt.id, size);
      this.#liveness.sign(attempt.id, now);
    }
  }
}
