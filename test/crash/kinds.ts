import type { Dice } from '../simulation/dice.js';
import { failingCalls, failingTakeOvers } from './failing-calls.js';
import { commandKills, daemonKills, everybodyKills, workerKills } from './kills.js';
import { powerCuts } from './power-cut.js';
import { syscallKills } from './syscall-kill.js';

/** One run with its crashes, and what was wrong afterwards: nothing, as it should be. */
export interface CrashCase {
  readonly name: string;
  readonly wrong: readonly string[];
}

/** A way in which processes end. */
export interface Kind {
  readonly name: string;
  readonly what: string;
  /** Why it cannot be played here. */
  readonly obstacle: () => string | undefined;
  /** So many cases, all their chance from the dice. */
  readonly some: (dice: Dice, count: number) => AsyncGenerator<CrashCase>;
  /** Every case there is, where that is a number. */
  readonly all?: () => AsyncGenerator<CrashCase>;
}

export const KINDS: readonly Kind[] = [
  daemonKills,
  syscallKills,
  failingCalls,
  failingTakeOvers,
  workerKills,
  commandKills,
  everybodyKills,
  powerCuts,
];
