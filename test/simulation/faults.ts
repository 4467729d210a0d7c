import type { Dice } from './dice.js';

/** What may go wrong in a schedule, each with the chance that it does at a step. */
export interface Faults {
  /** The daemon is killed between two of its calls. */
  readonly daemonKilled: number;
  /** Of the daemon's calls, so many on average before it is killed at one. */
  readonly killedAtCall: number;
  readonly powerLost: number;
  /** With what kills the daemon at a call, the power goes. */
  readonly powerLostAtCall: number;
  readonly workerKilled: number;
  /** A worker dies as soon as it has claimed an attempt, before it starts the command or just after. */
  readonly killedAtClaim: number;
  /** The daemon and all workers are killed in the same instant. */
  readonly allKilled: number;
  readonly workerFrozen: number;
  /** All workers freeze in the same instant. */
  readonly allFrozen: number;
  /** Daemon and workers all sleep for long. */
  readonly machineSleeps: number;
  /** The daemon alone stands still, or is blocked. */
  readonly daemonStopped: number;
  readonly wallClockJumps: number;
  /** A command's children outlive it. */
  readonly leftovers: number;
  /** A command hangs without a sign. */
  readonly hangs: number;
  /** A command fails. */
  readonly failures: number;
  /** A command tells its own outcome by event, in time or not. */
  readonly ownWord: number;
  /** An event of an earlier attempt, or of nobody, is dropped. */
  readonly staleEvents: number;
  readonly lostHints: number;
  readonly noWorkerToBeHad: number;
  /** Processes that will not die at once. */
  readonly undying: number;
  /** A command asks for a file that it did not declare, or gives one back. */
  readonly locksAsked: number;
  /** The operator cancels, retries, pauses. */
  readonly operator: number;
  /** The operator prunes a run that has ended. */
  readonly pruned: number;
  /** The daemon begins to write its journal anew, a piece at a step. */
  readonly compacted: number;
  /** Above zero, tasks of two runs have the same names. */
  readonly sharedNames: number;
}

const RATES: Readonly<Record<keyof Faults, number>> = {
  daemonKilled: 0.02,
  killedAtCall: 0.05,
  powerLost: 0.01,
  powerLostAtCall: 0.5,
  workerKilled: 0.03,
  killedAtClaim: 0.4,
  allKilled: 0.02,
  workerFrozen: 0.02,
  allFrozen: 0.01,
  machineSleeps: 0.01,
  daemonStopped: 0.02,
  wallClockJumps: 0.03,
  leftovers: 0.5,
  hangs: 0.2,
  failures: 0.4,
  ownWord: 0.5,
  staleEvents: 0.05,
  lostHints: 0.5,
  noWorkerToBeHad: 0.3,
  undying: 0.5,
  locksAsked: 0.1,
  operator: 0.03,
  pruned: 0.1,
  compacted: 0.05,
  sharedNames: 1,
};

/**
 * So many of the sudden faults are on in a schedule, and so many of the others: some breaches need a few to meet undisturbed,
 * others need nearly all.
 */
const DENSITIES = [0.15, 0.5, 0.9];

/** Each fault is on or off, and as frequent as chance has it: frequent ones would otherwise hide the rare. */
export function someFaults(dice: Dice): Faults {
  const [sudden, other] = [dice.pick(DENSITIES) ?? 0, dice.pick(DENSITIES) ?? 0];
  return mapRates((rate, name) =>
    dice.chance(SUDDEN.has(name) ? sudden : other) ? rate * dice.roll() * 2 : 0,
  );
}

export const NO_FAULTS: Faults = mapRates(() => 0);

/** What befalls processes from outside, and who looks after it. */
const SUDDEN: ReadonlySet<keyof Faults> = new Set([
  'daemonKilled',
  'killedAtCall',
  'workerKilled',
  'killedAtClaim',
  'allKilled',
  'noWorkerToBeHad',
  'undying',
  'operator',
]);

/** The same in bad times: where one worker dies, the next soon does. */
export function inBadTimes(faults: Faults): Faults {
  return { ...faults, workerKilled: faults.workerKilled * 4 };
}

function mapRates(change: (rate: number, name: keyof Faults) => number): Faults {
  const entries = Object.entries(RATES).map(([name, rate]) => [name, change(rate, name as keyof Faults)]);
  return Object.fromEntries(entries) as Record<keyof Faults, number>;
}
