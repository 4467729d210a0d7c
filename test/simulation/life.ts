import type { RunId } from '../../bus-schema/ids.js';
import type { OwnMessage } from '../../bus-schema/message.js';
import { fail, ok } from '../../bus-schema/result.js';
import { BusClock } from '../../daemon/clock.js';
import { Intake } from '../../daemon/intake.js';
import { Compaction } from '../../daemon/journal/compaction.js';
import { FileJournal } from '../../daemon/journal/journal.js';
import { readJournal } from '../../daemon/journal/read-journal.js';
import { Loop } from '../../daemon/loop.js';
import type { Outlet } from '../../daemon/ports.js';
import { feedSeq } from '../../daemon/projections/feed.js';
import { Rescue } from '../../daemon/rescue.js';
import { evolve } from '../../daemon/scheduler/evolve.js';
import { Liveness } from '../../daemon/scheduler/liveness.js';
import { ROUND_MS, Vigil } from '../../daemon/vigil.js';
import type { Message } from '../../daemon/scheduler/message.js';
import { emptyState, type State } from '../../daemon/scheduler/state.js';
import type { JournalRecord } from '../../bus-schema/fact.js';
import { checkStalled, checkTakenOver, checkTold, violate } from './checks.js';
import type { SimCommand } from './command.js';
import { SimDrops } from './drops.js';
import type { Machine } from './machine.js';
import { SimPool } from './pool.js';

/** What is written of a bus for others to read, and can be made anew. */
export interface Told {
  readonly feed: OwnMessage[];
  readonly finished: Set<RunId>;
}

/** What the disk says now, read as a new daemon would; damage is thrown. */
export function readPast(machine: Machine): {
  state: State;
  records: JournalRecord[];
  end: ConstructorParameters<typeof FileJournal>[1];
} {
  const state = emptyState();
  const records: JournalRecord[] = [];
  const plans = (run: RunId) => {
    const plan = machine.plans.get(run);
    return plan === undefined ? fail(`the plan of ${run} is missing`) : ok(plan.value);
  };
  const read = readJournal(machine.disk, plans, record => {
    evolve(state, record);
    records.push(record);
  });
  if (!read.ok) violate('I16', `the journal cannot be read any more: ${read.error.message}`);
  return { state, records, end: read.value };
}

/** A segment is full after a few records, so that a new one is begun in each schedule. */
const SEGMENT_BYTES = 3000;
/** And to write one anew takes some steps. */
const PIECE_BYTES = 1000;

/** One daemon, from its start to its death: the real loop, intake, rescue, vigil, journal and clock, on simulated ports. */
export class Life {
  readonly loop: Loop;
  readonly clock: BusClock;
  readonly #machine: Machine;
  readonly #pool: SimPool;
  readonly #intake: Intake;
  readonly #rescue: Rescue;
  readonly #drops: SimDrops;
  readonly #liveness = new Liveness();
  readonly #vigil: Vigil;
  readonly #journal: FileJournal;
  #compaction: Compaction | undefined;
  /** When it began to watch. */
  readonly #since: number;
  readonly #printed = new Map<string, number>();
  /** What it will do by itself, and the true time from which on. */
  #agenda: { readonly at: number; readonly act: () => void }[] = [];
  /** True time of its next round. */
  roundAt: number;

  constructor(machine: Machine, told: Told, onStart: (command: SimCommand) => void) {
    this.#machine = machine;
    this.#since = machine.watchedMs;
    this.roundAt = machine.at + ROUND_MS;
    const past = readPast(machine);
    this.clock = new BusClock(past.state.at, machine.clock);
    const drops = new SimDrops(machine);
    this.#drops = drops;
    const later = (ms: number, act: () => void): void => {
      this.#agenda.push({ at: machine.at + ms, act });
    };
    this.#pool = new SimPool(machine, {
      workerGone: (worker, why) => {
        this.#rescue.workerGone(worker, why);
      },
      buried: (attempt, survivors) => {
        this.#rescue.buried(attempt, survivors);
      },
      within: (ms, act) => {
        later(machine.dice.upTo(ms), act);
      },
      started: onStart,
    });
    this.#journal = new FileJournal(machine.disk, past.end, SEGMENT_BYTES);
    this.loop = new Loop(past.state, {
      journal: this.#journal,
      outlet: outletOf(machine, told, drops),
      pool: this.#pool,
      clock: this.clock,
    });
    this.#intake = new Intake({
      sources: [drops],
      loop: this.loop,
      liveness: this.#liveness,
      views: { touch: () => undefined, look: () => undefined },
      now: () => this.clock.now(),
      onLost: (attempt, why) => {
        this.#rescue.bury(attempt, why);
      },
    });
    const silent = (): void => undefined;
    this.#vigil = new Vigil({ workers: this.#pool, attempts: this.#liveness, log: { warn: silent } });
    this.#vigil.begin(this.clock.now());
    this.#rescue = new Rescue({
      loop: this.loop,
      pool: this.#pool,
      intake: this.#intake,
      log: { info: silent, warn: silent, error: silent },
      later,
    });
    this.#begin(past.records, told.feed);
  }

  /** A hint came, or it was time to look. */
  look(): void {
    this.#intake.sweep();
  }

  /** What is due by now of what it meant to do, in its order; some of it comes late, and others act before. */
  followAgenda(): void {
    this.#pool.hearOfEnds();
    const { at, dice } = this.#machine;
    const due = this.#agenda.filter(each => each.at <= at).sort((a, b) => a.at - b.at);
    for (const next of due) {
      this.#agenda = this.#agenda.filter(each => each !== next);
      next.act();
      if (dice.chance(0.5)) return;
    }
  }

  /** Event files that it has not dealt with. */
  get unread(): string[] {
    return this.#drops.unread;
  }

  /** What is looked at because nobody tells. */
  round(): void {
    this.roundAt = this.#machine.at + ROUND_MS;
    const now = this.clock.now();
    this.#vigil.arrive(now, true);
    this.#intake.sweep();
    this.#pool.kill(this.#vigil.frozen(now));
    for (const { id } of this.loop.state.attempts.values()) {
      const printed = this.#machine.commands.get(id)?.printed ?? 0;
      if (printed === (this.#printed.get(id) ?? 0)) continue;
      this.#printed.set(id, printed);
      this.#liveness.sign(id, now);
    }
    for (const attempt of this.#vigil.stalled(this.loop.state, now)) {
      checkStalled(this.#machine, this.loop.state.attempts.get(attempt), this.#since);
      this.loop.post(() => ({ type: 'Stalled', attempt }));
    }
    this.say({ type: 'Tick' });
  }

  /** A run that has ended goes, as an operator wants it. */
  prune(run: RunId): void {
    this.look();
    this.#drops.stowForGood(run);
    this.say({ type: 'Prune', runs: [run], why: 'asked' });
  }

  /** Begins to write the journal anew, or goes on with it. */
  compact(): void {
    const { disk } = this.#machine;
    if (this.#compaction === undefined) {
      this.#journal.seal();
      this.#compaction = new Compaction(disk, disk.names().slice(0, -1), PIECE_BYTES);
    }
    if (!this.#compaction.step()) this.#compaction = undefined;
  }

  get isCompacting(): boolean {
    return this.#compaction !== undefined;
  }

  say(message: Message): void {
    this.loop.post(() => message);
    this.loop.turn();
  }

  #begin(records: readonly JournalRecord[], feed: readonly OwnMessage[]): void {
    const fed = Math.max(0, ...feed.slice(-20).map(({ id, source }) => feedSeq(id, source) ?? 0));
    this.loop.catchUp(records.filter(record => record.seq > fed));
    this.#pool.adopt();
    const { bootId, dice } = this.#machine;
    const seed = String(dice.upTo(1e9));
    this.say({ type: 'Boot', bootId, pid: 1, version: '0', seed, maxParallel: 3 });
    this.#rescue.takeOver();
    checkTakenOver(this.#machine, this.loop.state, attempt => this.#pool.isBuried(attempt));
  }
}

function outletOf(machine: Machine, told: Told, drops: SimDrops): Outlet {
  return {
    announce(messages) {
      checkTold(machine, messages);
      machine.call();
      told.feed.push(...messages);
    },
    signal: (run, type, id) => {
      drops.signal(type, id, run);
    },
    stowEvents: (run, task) => {
      drops.stow(run, task);
    },
    viewsChanged: () => undefined,
    boxesChanged: () => undefined,
    removeRuns: runs => {
      machine.call();
      for (const run of runs) machine.plans.delete(run);
    },
    finish(run) {
      if (told.finished.has(run.id)) return;
      drops.signal('PARALLEL_COMPLETE', run.id, run.id);
      told.finished.add(run.id);
    },
  };
}
