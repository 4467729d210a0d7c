import type { Table } from './table.js';

/** How much is measured. What `tasks` counts is each goal's own: tasks, seconds, or the largest of several sizes. */
export interface Size {
  readonly rounds: number;
  readonly tasks: number;
}

/** A goal as it is measured, and whether it is met. */
export interface Verdict {
  /** G1 to G7. */
  readonly goal: string;
  readonly what: string;
  /** Whom we are held against; a number of our own where there is nobody. */
  readonly peer: string;
  readonly peerFigure: string;
  readonly ours: string;
  /** Ours to the peer's, or to what is wanted where there is no peer. */
  readonly ratio: number;
  readonly wanted: string;
  readonly met: boolean;
}

export interface Findings {
  readonly tables: readonly Table[];
  readonly verdicts: readonly Verdict[];
}

/** One thing that can be measured with one command. */
export interface Goal {
  readonly number: string;
  /** What the help says of it. */
  readonly about: string;
  /** What `--tasks` means, where it means anything. */
  readonly tasks?: string;
  readonly full: Size;
  /** As a part of `npm run bench`. */
  readonly short: Size;
  readonly measure: (size: Size) => Promise<Findings>;
}
