import type { Fact, JournalRecord } from '../bus-schema/fact.js';
import { unreachable } from '../bus-schema/result.js';
import type { Clock, Journal, Outlet, Pool } from './ports.js';
import { feedOf } from './projections/feed.js';
import { decide } from './scheduler/decide.js';
import { effectsOf, type Effect } from './scheduler/effect.js';
import { evolve } from './scheduler/evolve.js';
import type { Instant, Message } from './scheduler/message.js';
import type { State } from './scheduler/state.js';

export interface LoopPorts {
  readonly journal: Journal;
  readonly outlet: Outlet;
  readonly pool: Pool;
  readonly clock: Clock;
}

/** What came in, as a question to the state of the moment it is dealt with. */
export type Incoming = (state: State) => Message | undefined;

/**
 * One turn: gather messages, decide, make the decision durable, then act. An act may happen twice, never be lost. All of
 * it is synchronous; whatever is asynchronous stands outside, puts messages into the inbox and asks for a turn.
 */
export class Loop {
  readonly #state: State;
  readonly #ports: LoopPorts;
  readonly #onTurn: () => void;
  #inbox: Incoming[] = [];

  /** @param onTurn called after each turn; what it posts waits for the next one. */
  constructor(state: State, ports: LoopPorts, onTurn: () => void = () => undefined) {
    this.#state = state;
    this.#ports = ports;
    this.#onTurn = onTurn;
  }

  get state(): State {
    return this.#state;
  }

  post(...messages: readonly Incoming[]): void {
    this.#inbox.push(...messages);
  }

  /** Deals with all that is in the inbox, and with what that brings in. */
  turn(): void {
    while (this.#inbox.length > 0) {
      const record = this.#decideAll();
      if (record.facts.length === 0) continue;
      this.#ports.journal.append([record]);
      this.#ports.journal.sync();
      this.#act(record);
    }
    this.#onTurn();
  }

  /**
   * Tells the feed of the records that an earlier daemon did not tell it of, which are the journal's last. A daemon that
   * died between a decision and its acts leaves one such record, so the acts of the last one are done again; more are
   * missing only when somebody removed the feed. Attempts are not its concern: what became of each is to be seen first.
   */
  catchUp(records: readonly JournalRecord[]): void {
    // What was pruned while no daemon was up stands behind it.
    const last = records.findLastIndex(({ facts }) => facts.some(fact => fact.type !== 'RunsPruned'));
    const untold = records.slice(Math.max(0, last)).flatMap(({ facts }) => facts);
    for (const effect of untold.flatMap(effectsOf)) {
      if (effect.do !== 'start' && effect.do !== 'stop' && effect.do !== 'replace-worker')
        this.#perform(effect);
    }
    for (const record of records) this.#ports.outlet.announce(feedOf(this.#state, record));
  }

  #decideAll(): JournalRecord {
    const { clock } = this.#ports;
    const inbox = this.#inbox;
    this.#inbox = [];
    const now: Instant = { at: clock.now(), wallAt: clock.wall() };
    const facts: Fact[] = [];
    const record: JournalRecord = {
      seq: this.#state.seq + 1,
      at: now.at,
      wall: new Date(now.wallAt).toISOString(),
      facts,
    };
    const take = (message: Message): boolean => {
      const part = decide(this.#state, message, now);
      if (part.length === 0) return false;
      evolve(this.#state, { ...record, facts: part });
      // One by one: a hundred thousand do not fit into one call's arguments.
      for (const fact of part) facts.push(fact);
      return true;
    };
    for (const incoming of inbox) {
      const message = incoming(this.#state);
      if (message !== undefined) take(message);
    }
    while (take({ type: 'Tick' }));
    while (take({ type: 'Dispatch' }));
    return record;
  }

  #act(record: JournalRecord): void {
    const { outlet } = this.#ports;
    const effects = record.facts.flatMap(effectsOf);
    // What starts next has waited; who is told of it has not.
    for (const effect of effects) if (!isTelling(effect)) this.#perform(effect);
    for (const effect of effects) if (isTelling(effect)) this.#perform(effect);
    // Last, so that whoever reads of a run's end finds its report.
    outlet.announce(feedOf(this.#state, record));
    outlet.viewsChanged(this.#state);
  }

  #perform(effect: Effect): void {
    const { outlet, pool } = this.#ports;
    const { attempts, runs } = this.#state;
    switch (effect.do) {
      case 'start': {
        const attempt = attempts.get(effect.attempt);
        if (attempt !== undefined) pool.start(attempt);
        return;
      }
      case 'stop': {
        const attempt = attempts.get(effect.attempt);
        if (attempt !== undefined) pool.stop(attempt, effect.graceful);
        return;
      }
      case 'clear-events':
        return outlet.stowEvents(effect.run, effect.task);
      case 'announce-ready':
        for (const task of effect.tasks) outlet.signal(effect.run, 'DEP_READY', task, '');
        return;
      case 'begin-run':
        for (const run of runs.values()) if (run.ended !== undefined) outlet.stowEvents(run.id);
        return;
      case 'tick-boxes': {
        const run = runs.get(effect.run);
        if (run?.plan.tick === true) outlet.boxesChanged(run);
        return;
      }
      case 'finish-run': {
        const run = runs.get(effect.run);
        if (run?.ended !== undefined) outlet.finish(run);
        return;
      }
      case 'remove-runs':
        for (const run of effect.runs) outlet.stowEvents(run);
        return outlet.removeRuns(effect.runs);
      case 'replace-worker':
        return pool.replace(effect.worker);
      default:
        return unreachable(effect);
    }
  }
}

function isTelling({ do: what }: Effect): boolean {
  return what === 'announce-ready' || what === 'tick-boxes' || what === 'finish-run';
}
