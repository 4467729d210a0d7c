import type { JournalRecord } from '../../bus-schema/fact.js';
import type { AttemptId, RunId } from '../../bus-schema/ids.js';
import type { OwnMessage } from '../../bus-schema/message.js';
import type { Outcome } from '../../bus-schema/outcome.js';
import { Loop, type LoopPorts } from '../../daemon/loop.js';
import type { Fate } from '../../daemon/ports.js';
import { feedSeq } from '../../daemon/projections/feed.js';
import { evolve } from '../../daemon/scheduler/evolve.js';
import type { Message } from '../../daemon/scheduler/message.js';
import { emptyState, type Attempt, type State } from '../../daemon/scheduler/state.js';

/** The daemon dies: no code of it runs after this. */
export class Crash extends Error {}

/**
 * All that outlives a daemon (its journal, its workers, the files it wrote), simulated, and the ports through which a
 * loop sees it. Each call of a port is written down, and at a chosen one the daemon dies, before or after it was done.
 */
export class LoopWorld {
  readonly calls: string[] = [];
  readonly durable: JournalRecord[] = [];
  readonly feed: OwnMessage[] = [];
  readonly signals: string[] = [];
  /** Attempts that a worker has claimed and whose command it started. */
  readonly started = new Set<AttemptId>();
  readonly stopped: AttemptId[] = [];
  readonly finished: RunId[] = [];
  readonly removed: RunId[] = [];
  at = 1_000_000;
  /** The number of the call at which the daemon dies. */
  dieAt = Infinity;
  dieAfterIt = false;
  #unsynced: JournalRecord[] = [];

  readonly ports: LoopPorts = {
    journal: {
      append: records => this.#call('append', () => this.#unsynced.push(...records)),
      sync: () => this.#call('sync', () => this.durable.push(...this.#unsynced.splice(0))),
    },
    outlet: {
      announce: messages =>
        this.#call('announce', () => {
          for (const message of messages) this.feed.push(message);
        }),
      signal: (_run, type, id) =>
        this.#call(`signal ${type} ${id}`, () => this.signals.push(`${type} ${id}`)),
      stowEvents: (run, task) => this.#call(`stow ${run} ${task ?? ''}`.trim(), () => undefined),
      viewsChanged: () => this.#call('views', () => undefined),
      boxesChanged: run => this.#call(`boxes ${run.id}`, () => undefined),
      removeRuns: runs => this.#call(`remove ${runs.join(' ')}`, () => this.removed.push(...runs)),
      finish: run => this.#call(`finish ${run.id}`, () => this.finished.push(run.id)),
    },
    pool: {
      start: ({ id }) => this.#call(`start ${id}`, () => this.started.add(id)),
      stop: ({ id }) => this.#call(`stop ${id}`, () => this.stopped.push(id)),
      replace: worker => this.#call(`replace ${worker}`, () => undefined),
      fateOf: attempt => this.fateOf(attempt),
      bury: () => undefined,
      revoke: () => 'claimed',
    },
    clock: { now: () => this.at, wall: () => this.at },
  };

  /** A daemon's start, up to where it has taken over what the one before it left. */
  live(): Loop {
    const state = emptyState();
    for (const record of this.durable) evolve(state, record);
    const fed = Math.max(0, ...this.feed.map(({ id, source }) => feedSeq(id, source) ?? 0));
    const loop = new Loop(state, this.ports);
    loop.catchUp(this.durable.filter(record => record.seq > fed));
    this.tell(loop, { type: 'Boot', bootId: 'b', pid: 1, version: '0', seed: 'seed', maxParallel: 3 });
    for (const attempt of state.attempts.values()) {
      if (this.fateOf(attempt) === 'unclaimed') this.ports.pool.start(attempt);
      else if (attempt.stopping !== undefined) this.ports.pool.stop(attempt, false);
    }
    return loop;
  }

  tell(loop: Loop, ...messages: readonly Message[]): void {
    loop.post(...messages.map(message => () => message));
    loop.turn();
  }

  /** What the commands that have been started say of their end, to a daemon that has not settled them. */
  ends(state: State, outcomeOf: (attempt: Attempt) => Outcome): Message[] {
    return [...state.attempts.values()]
      .filter(({ id }) => this.started.has(id))
      .map(attempt => ({ type: 'Exited', attempt: attempt.id, outcome: outcomeOf(attempt) }));
  }

  /** @param kept whether the system had written what was not synced yet. */
  afterCrash(kept: boolean): void {
    const lost = this.#unsynced.splice(0);
    if (kept) this.durable.push(...lost);
  }

  fateOf({ id }: Attempt): Fate {
    return this.started.has(id) ? 'alive' : 'unclaimed';
  }

  #call(name: string, act: () => unknown): void {
    this.calls.push(name);
    const dying = this.calls.length === this.dieAt;
    if (dying && !this.dieAfterIt) throw new Crash(name);
    act();
    if (dying) throw new Crash(name);
  }
}
