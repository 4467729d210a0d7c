import { createHash } from 'node:crypto';
import type { AttemptId, RunId, TaskId } from '../../bus-schema/ids.js';
import type { Plan } from '../../bus-schema/plan.js';
import {
  checkEnd,
  checkLiving,
  checkLost,
  checkRest,
  checkStart,
  checkState,
  violate,
  Violation,
} from './checks.js';
import { Dice } from './dice.js';
import { Crash } from './disk.js';
import { inBadTimes, NO_FAULTS, someFaults } from './faults.js';
import { Life, readPast, type Told } from './life.js';
import { Machine } from './machine.js';
import { somePlan } from './plans.js';
import type { SimCommand } from './command.js';
import { askForLocks, speak } from './speech.js';

const FAULTY_STEPS = 150;
/** When nothing goes wrong any more, everything ends within so many steps. */
const QUIET_STEPS = 4000;
/** How long it is looked at when all has ended. */
const RESTING_STEPS = 10;

/** A gap in which nobody watches; a shorter one is nothing out of the way. */
const SHORTEST_GAP_MS = 10_000;

/** From the decision that an attempt is to be ended to its end, with nothing in the way. */
const LONGEST_END_MS = 120_000;

export interface Verdict {
  readonly seed: number;
  readonly steps: number;
  readonly violation: string | undefined;
  /** Of the journal as it was in the end: the same seed gives the same. */
  readonly digest: string;
}

/** One schedule: a few runs, in a world where what the seed says goes wrong, until it says that nothing does any more. */
export class Schedule {
  readonly #seed: number;
  readonly #dice: Dice;
  readonly #machine: Machine;
  readonly #sharesNames: boolean;
  /** The chance, at a step without a daemon, that one starts: what runs may come to its end before that, or may not. */
  readonly #returns: number;
  readonly #told: Told = { feed: [], finished: new Set() };
  readonly #submitted: { readonly run: RunId; readonly plan: Plan }[] = [];
  /** Runs that an operator wanted to be pruned when they had ended: gone now, or soon, or still there after a crash. */
  readonly #pruned = new Set<RunId>();
  /** Attempts that are being ended, and since when. */
  readonly #toEnd = new Map<AttemptId, number>();
  /** Attempts that are known to count as lost. */
  readonly #lost = new Set<AttemptId>();
  /** Number of the record after which the state was last looked at. */
  #checked = -1;
  #life: Life | undefined;
  /** Until then the daemon stands still: true time. */
  #stoppedUntil = 0;
  #steps = 0;
  /** Step at which bad times end. */
  #badUntil = 0;

  constructor(seed: number) {
    this.#seed = seed;
    this.#dice = new Dice(seed);
    const faults = someFaults(this.#dice);
    this.#returns = this.#dice.pick([0.08, 0.3, 0.6]) ?? 1;
    this.#sharesNames = faults.sharedNames > 0;
    this.#machine = new Machine(this.#dice, faults);
  }

  play(): Verdict {
    let violation: string | undefined;
    try {
      this.#faultyTimes();
      this.#quietTimes();
    } catch (error) {
      violation = error instanceof Violation ? error.message : `crash: ${describe(error)}`;
    }
    const digest = createHash('sha256').update(this.#machine.disk.durableText).digest('hex').slice(0, 16);
    return { seed: this.#seed, steps: this.#steps, violation, digest };
  }

  #faultyTimes(): void {
    const usual = this.#machine.faults;
    const bad = inBadTimes(usual);
    for (let step = 0; step < FAULTY_STEPS; step++) {
      if (this.#dice.chance(this.#life === undefined ? 0.6 : 0.02))
        this.#badUntil = this.#steps + this.#dice.between(5, 40);
      this.#machine.faults = this.#isBad ? bad : usual;
      if (this.#submitted.length - this.#pruned.size < 2 && this.#dice.chance(0.05)) this.#ask();
      this.#harm();
      this.#step();
    }
  }

  get #isBad(): boolean {
    return this.#steps < this.#badUntil;
  }

  #quietTimes(): void {
    this.#badUntil = 0;
    this.#machine.faults = NO_FAULTS;
    this.#machine.dieInCalls = Infinity;
    // Whoever stands still has done so for as long as a gap lasts, and goes on.
    this.#pass(Math.max(0, this.#stoppedUntil - this.#machine.at));
    for (const worker of this.#machine.workers.values()) worker.thaw();
    if (this.#submitted.length === 0) this.#ask();
    for (let step = 0; !this.#isOver; step++) {
      if (step > QUIET_STEPS) violate('I13', this.#unfinished());
      this.#resumeAll();
      this.#step();
      this.#checkStops();
    }
    if (this.#life === undefined) return;
    checkEnd(this.#machine, this.#told, this.#life.loop.state);
    this.#rest(this.#life);
  }

  /** Nothing is left to be done, and so nothing is. */
  #rest(life: Life): void {
    const { seq } = life.loop.state;
    for (let step = 0; step < RESTING_STEPS; step++) this.#step();
    checkRest(this.#machine, { life: this.#life, seq });
  }

  #resumeAll(): void {
    const state = this.#life?.loop.state;
    if (state === undefined) return;
    if (state.paused) this.#do(life => life.say({ type: 'Resume' }));
    for (const run of state.active)
      if (run.paused) this.#do(life => life.say({ type: 'Resume', run: run.id }));
  }

  /** What is to be ended is ended soon, by whichever daemon. */
  #checkStops(): void {
    for (const attempt of this.#life?.loop.state.attempts.values() ?? []) {
      if (attempt.stopping === undefined) continue;
      const since = this.#toEnd.get(attempt.id) ?? this.#machine.at;
      this.#toEnd.set(attempt.id, since);
      if (this.#machine.at - since > LONGEST_END_MS)
        violate('I13', `${attempt.id} is to be ended and lives on`);
    }
  }

  get #isOver(): boolean {
    const state = this.#life?.loop.state;
    return (
      state?.active.size === 0 &&
      this.#submitted.every(({ run }) => this.#pruned.has(run) || state.runs.has(run)) &&
      this.#machine.living.length === 0
    );
  }

  #unfinished(): string {
    const { state } = readPast(this.#machine);
    const open = [...state.active].flatMap(run =>
      run.nodes.map(({ task, status }) => `${run.id}/${task.id} ${status.kind}`),
    );
    return `still open: ${open.join(', ')}; ${this.#machine.living.length} commands live`;
  }

  #step(): void {
    this.#steps++;
    const { dice, workers, living } = this.#machine;
    // In bad times more happens between two of the daemon's timers.
    this.#pass(dice.chance(this.#isBad ? 0.97 : 0.7) ? dice.upTo(500) : dice.upTo(8000));
    this.#do(life => {
      life.followAgenda();
      if (!dice.chance(this.#machine.faults.lostHints)) life.look();
      if (life.isCompacting && dice.chance(0.5)) life.compact();
    });
    for (const worker of workers.values()) if (dice.chance(0.7)) worker.step();
    // What its worker left behind goes on as well.
    for (const command of living) {
      if (dice.chance(0.1)) command.step(this.#machine.watchedMs);
      if (dice.chance(0.1) && !this.#hasWorker(command)) speak(this.#machine, command, false);
    }
    if (this.#life === undefined && (dice.chance(this.#returns) || this.#machine.faults === NO_FAULTS))
      this.#begin();
    for (const { run, plan } of this.#submitted) this.#submit(run, plan);
  }

  /** Time goes on, with the rounds that are due in it. */
  #pass(ms: number): void {
    const until = this.#machine.at + ms;
    for (let life = this.#watcher; life !== undefined && life.roundAt <= until; life = this.#watcher) {
      this.#machine.pass(Math.max(0, life.roundAt - this.#machine.at), true);
      this.#do(() => {
        life.round();
      });
    }
    this.#machine.pass(until - this.#machine.at, this.#watcher !== undefined);
  }

  /** The daemon, unless there is none or it stands still. */
  get #watcher(): Life | undefined {
    return this.#machine.at < this.#stoppedUntil ? undefined : this.#life;
  }

  #hasWorker(command: SimCommand): boolean {
    return [...this.#machine.workers.values()].some(worker => worker.alive && worker.command === command);
  }

  /** A daemon starts; it may die in doing so. */
  #begin(): void {
    // What ended a daemon is often what its successor lacks.
    this.#machine.runShort(this.#machine.faults.noWorkerToBeHad * 3);
    try {
      this.#life = new Life(this.#machine, this.#told, command => {
        this.#started(command);
      });
      this.#check(this.#life);
    } catch (error) {
      this.#dies(error);
    }
  }

  #started(command: SimCommand): void {
    checkStart(this.#machine, command);
    this.#machine.commands.set(command.order.attempt, command);
  }

  /** Whatever the daemon does, it may die of it. */
  #do(act: (life: Life) => void): void {
    const life = this.#watcher;
    if (life === undefined) return;
    try {
      act(life);
      this.#check(life);
    } catch (error) {
      this.#dies(error);
    }
  }

  /** Only a record changes a state. */
  #check(life: Life): void {
    const { loop } = life;
    if (loop.state.seq === this.#checked) return;
    this.#checked = loop.state.seq;
    checkState(loop.state);
    checkLiving(this.#machine, loop.state);
    for (const { last } of [...loop.state.runs.values()].flatMap(run => run.nodes)) {
      if (last?.outcome.kind !== 'lost' || this.#lost.has(last.id)) continue;
      this.#lost.add(last.id);
      checkLost(this.#machine, life, last.id);
    }
  }

  #dies(error: unknown): void {
    if (!(error instanceof Crash)) throw error;
    this.#life = undefined;
    if (this.#dice.chance(this.#machine.faults.powerLostAtCall)) this.#machine.losePower();
  }

  #ask(): void {
    const number = this.#submitted.length + 1;
    const plan = somePlan(this.#dice, this.#sharesNames || number === 1 ? 't' : 'u');
    this.#submitted.push({ run: `run-${number}` as RunId, plan });
  }

  /** Whoever submits repeats it until it is taken in. */
  #submit(run: RunId, plan: Plan): void {
    if (this.#pruned.has(run) || this.#life?.loop.state.runs.has(run) !== false) return;
    this.#machine.plans.set(run, { value: plan, durable: true });
    this.#do(life => life.say({ type: 'Submit', run, plan, planDigest: 'p', workDigest: 'w' }));
  }

  #harm(): void {
    const { dice, faults, workers } = this.#machine;
    const any = dice.pick([...workers.values()]);
    // A machine in want of something ends more than one process.
    const want = this.#machine.wasShort ? 4 : 1;
    if (dice.chance(faults.daemonKilled * want)) this.#life = undefined;
    if (dice.chance(faults.killedAtCall)) this.#machine.dieInCalls = dice.between(1, 25);
    if (dice.chance(faults.workerKilled)) any?.kill();
    // In a daemon's absence most of all: of what ended by then the next one learns first, and hands out what follows.
    if (dice.chance(faults.allKilled * (this.#life === undefined ? 10 : 1))) {
      this.#life = undefined;
      for (const worker of workers.values()) worker.kill();
    }
    if (dice.chance(faults.allFrozen)) for (const worker of workers.values()) worker.freeze();
    if (dice.chance(faults.workerFrozen)) {
      if (any?.frozenAt === undefined) any?.freeze();
      else any.thaw();
    }
    if (dice.chance(faults.machineSleeps)) this.#machine.sleep(dice.between(SHORTEST_GAP_MS, 3_600_000));
    if (dice.chance(faults.daemonStopped))
      this.#stoppedUntil = this.#machine.at + dice.between(SHORTEST_GAP_MS, 600_000);
    if (dice.chance(faults.wallClockJumps)) this.#machine.jumpWallClock();
    if (dice.chance(faults.staleEvents)) this.#dropStale();
    if (dice.chance(faults.operator)) this.#operate();
    if (dice.chance(faults.pruned)) this.#prune();
    if (dice.chance(faults.compacted)) this.#do(life => life.compact());
    if (this.#machine.wasShort && dice.chance(faults.operator * 10)) this.#giveUp();
    const asker = dice.chance(faults.locksAsked) ? dice.pick(this.#machine.living) : undefined;
    if (asker !== undefined) askForLocks(this.#machine, asker);
    if (dice.chance(faults.powerLost)) {
      this.#life = undefined;
      this.#machine.losePower();
    }
  }

  /** The event of an attempt that is over, copied back; or one of nobody. */
  #dropStale(): void {
    const { dice, commands } = this.#machine;
    const command = dice.pick([...commands.values()].filter(({ alive }) => !alive));
    if (command === undefined) return;
    const { task, run, attempt, token } = command.order;
    const name = { type: 'TASK_COMPLETE', id: task } as const;
    const outcome = { kind: 'complete' } as const;
    const names = [`TASK_COMPLETE_${task}.event`, `TASK_COMPLETE_${task}@${attempt}.event`];
    const isOpen = this.#life?.loop.state.attempts.has(attempt) ?? true;
    // With the token of an attempt that is still open anyone could end it: that is what the token is.
    if (!isOpen) this.#machine.drop({ name, run, attempt, token, outcome, text: '' }, names);
  }

  /** What a daemon has found at its end is durable: if it is not there later, it was pruned. */
  #prune(): void {
    const finished = [...(this.#watcher?.loop.state.runs.values() ?? [])].filter(
      run => run.ended !== undefined,
    );
    const run = this.#dice.pick(finished)?.id;
    if (run === undefined) return;
    this.#pruned.add(run);
    this.#do(life => life.prune(run));
  }

  /** Whoever sees that a task does not get on may not want it any more. */
  #giveUp(): void {
    const node = this.#dice.pick([...(this.#life?.loop.state.attempts.values() ?? [])])?.node;
    if (node !== undefined)
      this.#do(life => life.say({ type: 'Cancel', run: node.run.id, task: node.task.id }));
  }

  #operate(): void {
    const { run, plan } = this.#dice.pick(this.#submitted) ?? {};
    if (run === undefined || plan === undefined) return;
    const task = this.#dice.pick(plan.tasks)?.id ?? ('' as TaskId);
    const message = this.#dice.pick([
      { type: 'Cancel', run, task } as const,
      { type: 'Cancel', run } as const,
      { type: 'Retry', run, task } as const,
      { type: 'Pause' } as const,
      { type: 'Resume' } as const,
      { type: 'Pause', run } as const,
      { type: 'Resume', run } as const,
    ]);
    if (message !== undefined) this.#do(life => life.say(message));
  }
}

function describe(error: unknown): string {
  return error instanceof Error
    ? (error.stack ?? error.message).split('\n').slice(0, 6).join(' ')
    : String(error);
}
