import type { Order } from '../../bus-schema/assignment.js';
import type { AttemptId, RunId, WorkerId } from '../../bus-schema/ids.js';
import type { Plan } from '../../bus-schema/plan.js';
import type { EventDrop } from '../../daemon/bus/drop-source.js';
import type { MachineClock } from '../../daemon/clock.js';
import type { ProcessIdentity } from '../../bus-schema/lease.js';
import type { SimCommand } from './command.js';
import type { Dice } from './dice.js';
import { Crash, SimDisk } from './disk.js';
import type { Faults } from './faults.js';
import type { SimWorker } from './worker.js';

/** The clock's rule, written a second time. */
const LONGEST_COUNTED_MS = 15_000;

/** A file that a power cut may take away as long as it is not durable. */
interface Kept<T> {
  readonly value: T;
  durable: boolean;
}

/** What leaves the folder of events is not synced: for so long, a power cut may bring it back. */
const LASTING_AFTER_MS = 30_000;

/** For so long at most, no process can be started. */
const LONGEST_SHORTAGE_MS = 1500;
/** For so long after it, more is amiss, and people look after it. */
const NOTICED_MS = 10_000;

interface Removal {
  readonly value: EventDrop;
  /** Where it went; undefined if it is gone. */
  readonly to: EventDrop[] | undefined;
  readonly at: number;
}

/** All that outlives a daemon: the disk, the clock, the processes, and the truth about them. */
export class Machine {
  readonly dice: Dice;
  faults: Faults;
  readonly disk: SimDisk;
  readonly plans = new Map<RunId, Kept<Plan>>();
  readonly claims = new Map<AttemptId, Kept<ProcessIdentity>>();
  readonly events = new Map<string, Kept<EventDrop>>();
  /** Event files that have left the folder, and where they went. */
  readonly stowed: EventDrop[] = [];
  readonly rejected: EventDrop[] = [];
  readonly orders = new Map<WorkerId, Order[]>();
  /** Living processes, by the id that they serve under; the last one started. */
  readonly workers = new Map<WorkerId, SimWorker>();
  /** Every command that was ever started. */
  readonly commands = new Map<AttemptId, SimCommand>();
  /** When each attempt was first given to a worker, in counted time. */
  readonly handedOut = new Map<AttemptId, number>();
  /** By the inode of its file, which attempt's command has said something of itself. */
  readonly words = new Map<number, AttemptId>();
  /** Attempts whose own word was on the disk for good before anybody ended them. */
  readonly promised = new Map<string, AttemptId>();
  /** Milliseconds that have truly passed. */
  at = 0;
  /** Those of them in which a daemon was there and could look. */
  watchedMs = 0;
  /** More than this the daemon may not count: of each gap in which nobody watched, no more than a little. */
  countedMs = 0;
  /** Event files that were ever made, and those that are gone without a trace, as they may be. */
  readonly files = { made: 0, gone: 0 };
  #shortUntil = -Infinity;
  #removals: Removal[] = [];
  #wallShift = 1_700_000_000_000;
  #boots = 1;
  #pids = 100;
  #inodes = 0;
  /** Of the daemon's calls, the one at which it dies. */
  dieInCalls = Infinity;

  readonly clock: MachineClock = { elapsed: () => this.at, wall: () => this.wall };

  constructor(dice: Dice, faults: Faults) {
    this.dice = dice;
    this.faults = faults;
    this.disk = new SimDisk(dice, () => {
      this.call();
    });
  }

  get bootId(): string {
    return `boot-${this.#boots}`;
  }

  get wall(): number {
    return this.at + this.#wallShift;
  }

  /** Time goes on, and those beat who can. Who slept has not beaten yet when somebody looks in that very instant. */
  pass(ms: number, isWatched: boolean): void {
    if (ms === 0) return;
    this.at += ms;
    if (isWatched) this.watchedMs += ms;
    this.countedMs += isWatched ? ms : Math.min(ms, LONGEST_COUNTED_MS);
    for (const worker of this.workers.values()) worker.beat();
  }

  /** Nobody does anything for so long. */
  sleep(ms: number): void {
    this.at += ms;
    this.countedMs += Math.min(ms, LONGEST_COUNTED_MS);
  }

  newPid(): number {
    return ++this.#pids;
  }

  newInode(): number {
    return ++this.#inodes;
  }

  /** The daemon makes a call that the world can see: here it may die. */
  call(): void {
    if (--this.dieInCalls <= 0) {
      this.dieInCalls = Infinity;
      throw new Crash('killed');
    }
  }

  jumpWallClock(): void {
    const year = 365 * 86_400_000;
    this.#wallShift += (this.dice.roll() - 0.5) * 2 * (this.dice.chance(0.5) ? year : 3_600_000);
  }

  /** Every process is gone, and whatever was not synced may be. */
  losePower(): void {
    this.disk.losePower();
    this.#loseSome(this.claims);
    this.#loseSome(this.plans);
    this.files.gone += this.#loseSome(this.events);
    this.#undoRemovals();
    this.orders.clear();
    this.workers.clear();
    for (const command of this.commands.values()) {
      command.alive = false;
      command.leads = false;
    }
    this.#boots++;
  }

  #loseSome(files: Map<string, Kept<unknown>>): number {
    const before = files.size;
    for (const [name, file] of files) {
      if (!file.durable && this.dice.chance(0.5)) files.delete(name);
      else file.durable = true;
    }
    return before - files.size;
  }

  /** An event leaves the folder, for another one or for good. */
  remove(value: EventDrop, to?: EventDrop[]): void {
    this.events.delete(value.file);
    if (to === undefined) this.files.gone++;
    else to.push(value);
    this.#removals.push({ value, to, at: this.at });
  }

  /** No power cut brings back what has left the folder of events by now. */
  syncRemovals(): void {
    this.#removals = [];
  }

  #undoRemovals(): void {
    for (const { value, to, at } of this.#removals) {
      if (this.at - at > LASTING_AFTER_MS || this.events.has(value.file) || this.dice.chance(0.5)) continue;
      this.events.set(value.file, { value, durable: true });
      if (to === undefined) this.files.gone--;
      else to.splice(to.indexOf(value), 1);
    }
    this.#removals = [];
  }

  /** Puts an event into the folder under the first of these names that is free. */
  drop(
    drop: Omit<EventDrop, 'file' | 'inode' | 'mtimeMs'>,
    names: readonly string[],
    durable = false,
  ): EventDrop | undefined {
    const file = names.find(name => !this.events.has(name));
    if (file === undefined) return undefined;
    this.files.made++;
    const value = { ...drop, file, inode: this.newInode(), mtimeMs: this.wall };
    // Whoever waits for its name to last waits for all that was done to the folder before.
    if (durable) this.syncRemovals();
    this.events.set(file, { value, durable });
    return value;
  }

  /** Appends to a worker's assignments, which each process of that id reads from the start. */
  order(id: WorkerId, order: Order): void {
    const orders = this.orders.get(id);
    if (orders === undefined) this.orders.set(id, [order]);
    else orders.push(order);
  }

  /** Whether there are too many processes for one more; if so, that lasts a while. */
  lacksProcesses(): boolean {
    if (this.at >= this.#shortUntil) this.runShort(this.faults.noWorkerToBeHad);
    return this.at < this.#shortUntil;
  }

  /** With this chance, no process can be started for a while from now on. */
  runShort(chance: number): void {
    if (this.dice.chance(chance)) this.#shortUntil = this.at + this.dice.upTo(LONGEST_SHORTAGE_MS);
  }

  /** Not long ago there was no worker to be had. */
  get wasShort(): boolean {
    return this.at < this.#shortUntil + NOTICED_MS;
  }

  /** Living process trees. */
  get living(): SimCommand[] {
    return [...this.commands.values()].filter(command => command.alive);
  }
}
