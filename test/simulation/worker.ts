import type { StartOrder, StopOrder } from '../../bus-schema/assignment.js';
import { eventName } from '../../bus-schema/event-name.js';
import type { WorkerId } from '../../bus-schema/ids.js';
import type { ProcessIdentity } from '../../bus-schema/lease.js';
import type { Outcome } from '../../bus-schema/outcome.js';
import { outcomeOfStop, SimCommand, type Fate } from './command.js';
import type { Machine } from './machine.js';
import { speak } from './speech.js';

/** Time between two looks at the clock that counts for a timeout. */
const LONGEST_LOOK_MS = 10_000;

/** A worker's process: claim → start → watch → settle → report, a step at a time. */
export class SimWorker {
  readonly id: WorkerId;
  readonly identity: ProcessIdentity;
  readonly #machine: Machine;
  /** Is told of each command as it starts. */
  readonly #onStart: (command: SimCommand) => void;
  alive = true;
  /** True time of its last beat. */
  lastBeat: number;
  /** Since when it stands still, on the clock that stands still while nobody watches. */
  frozenAt: number | undefined;
  command: SimCommand | undefined;
  #thawed: { readonly at: number; readonly frozenAt: number | undefined } | undefined;
  #read = 0;
  #stop: StopOrder | undefined;
  #lookedAt: number;

  constructor(id: WorkerId, machine: Machine, onStart: (command: SimCommand) => void) {
    this.id = id;
    this.#machine = machine;
    this.#onStart = onStart;
    this.#lookedAt = machine.at;
    this.lastBeat = machine.at;
    this.identity = { pid: machine.newPid(), startTime: String(machine.at), bootId: machine.bootId };
  }

  beat(): void {
    if (this.alive && this.frozenAt === undefined) this.lastBeat = this.#machine.at;
  }

  /** Who is frozen again in the very instant in which he was let go has not beaten, and is silent since the first time. */
  freeze(): void {
    const { at, watchedMs } = this.#machine;
    this.frozenAt ??= (this.#thawed?.at === at ? this.#thawed.frozenAt : undefined) ?? watchedMs;
  }

  thaw(): void {
    this.#thawed = { at: this.#machine.at, frozenAt: this.frozenAt };
    this.frozenAt = undefined;
  }

  kill(): void {
    this.alive = false;
  }

  step(): void {
    if (!this.alive || this.frozenAt !== undefined) return;
    if (this.command === undefined) this.#nextOrder();
    else this.#watch(this.command);
  }

  #nextOrder(): void {
    const order = this.#machine.orders.get(this.id)?.[this.#read];
    if (order === undefined) return;
    this.#read++;
    if (order.do === 'retire') this.alive = false;
    if (order.do !== 'start' || this.#machine.claims.has(order.attempt)) return;
    // Whoever was told to stop before it began claims, starts nothing and says so.
    this.#machine.claims.set(order.attempt, { value: this.identity, durable: false });
    const stop = this.#stopOrderFor(order);
    if (stop !== undefined && stop.reason !== 'reported') {
      this.#report(order, { kind: 'cancelled', message: stop.reason });
      return;
    }
    this.#stop = undefined;
    const { dice, faults, wasShort } = this.#machine;
    this.alive = !dice.chance(faults.killedAtClaim * (wasShort ? 2 : 1));
    if (!this.alive && dice.chance(0.5)) return;
    const command = new SimCommand(order, this.#throwFate(), this.#machine.bootId);
    this.#lookedAt = this.#machine.at;
    this.command = command;
    this.#onStart(command);
  }

  #watch(command: SimCommand): void {
    this.#look(command);
    const stop = this.#stopOrderFor(command.order);
    speak(this.#machine, command, stop !== undefined || this.#stop !== undefined);
    if (command.leads && stop !== undefined && stop.reason !== 'reported') {
      this.#stop ??= stop;
      command.kill();
    } else if (command.leads && command.activeMs > command.order.timeoutMs) {
      this.#stop ??= { do: 'stop', attempt: command.order.attempt, reason: 'timeout', afterMs: 0 };
      command.kill();
    } else if (command.leads) {
      command.step(this.#machine.watchedMs);
      // After an accepted outcome it has a grace, and then it is ended.
      if (stop?.reason === 'reported' && this.#machine.dice.chance(0.3)) command.kill();
    } else if (command.alive) command.kill();
    if (command.alive) return;
    this.command = undefined;
    const told = this.#stop;
    this.#stop = undefined;
    const accepted = stop?.reason === 'reported' ? stop.accepted : undefined;
    this.#report(
      command.order,
      this.#wholly(command, accepted) ?? (told ? outcomeOfStop(told.reason, command) : command.outcome),
    );
  }

  /** What was accepted, with what the worker read of the command's own words beside it. */
  #wholly({ outcome }: SimCommand, accepted: Outcome | undefined): Outcome | undefined {
    return accepted?.kind === 'complete' && outcome.kind === 'complete'
      ? { ...outcome, ...accepted }
      : accepted;
  }

  #look(command: SimCommand): void {
    const { at } = this.#machine;
    command.activeMs += Math.min(at - this.#lookedAt, LONGEST_LOOK_MS);
    this.#lookedAt = at;
  }

  #report({ task, run, attempt, token }: StartOrder, outcome: Outcome): void {
    const type = outcome.kind === 'complete' ? 'TASK_COMPLETE' : 'TASK_FAILED';
    const names = [undefined, attempt, `${attempt}.exit`].map(whose => eventName(type, task, whose));
    this.#machine.drop({ name: { type, id: task }, run, attempt, token, outcome, text: '' }, names);
  }

  #stopOrderFor({ attempt }: StartOrder): StopOrder | undefined {
    const orders = this.#machine.orders.get(this.id) ?? [];
    return orders.find(order => order.do === 'stop' && order.attempt === attempt) as StopOrder | undefined;
  }

  /** Whose a word without a name is, only times tell: where clocks are set and two runs have a task of its name, nobody can. */
  #someWord(): Fate['ownWord'] {
    const { dice, faults } = this.#machine;
    const isClear = faults.wallClockJumps === 0 || faults.sharedNames === 0;
    return dice.chance(0.5) ? 'durable' : isClear ? 'told' : 'none';
  }

  #throwFate(): Fate {
    const { dice, faults } = this.#machine;
    return {
      steps: dice.between(1, 5),
      hangs: dice.chance(faults.hangs),
      fails: dice.chance(faults.failures),
      leavesChild: dice.chance(faults.leftovers),
      lives: dice.chance(faults.undying) ? dice.between(2, 4) : 1,
      ownWord: dice.chance(faults.ownWord) ? this.#someWord() : 'none',
      prints: dice.chance(0.5),
      approves: dice.chance(0.5),
    };
  }
}
