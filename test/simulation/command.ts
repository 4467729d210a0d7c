import type { StartOrder, StopOrder } from '../../bus-schema/assignment.js';
import type { Outcome } from '../../bus-schema/outcome.js';

/** What a command is going to do, thrown when it starts. */
export interface Fate {
  /** Steps of its worker until it ends by itself; one that hangs never does. */
  readonly steps: number;
  readonly hangs: boolean;
  readonly fails: boolean;
  /** A child of it outlives it until somebody ends it. */
  readonly leavesChild: boolean;
  /** So many signals are needed until the last process of it is gone. */
  readonly lives: number;
  /** It tells its own outcome by event before its end, and whether it waits for that to be durable. */
  readonly ownWord: 'none' | 'told' | 'durable';
  /** It prints: the sign by which its silence would mean something. */
  readonly prints: boolean;
  /** It reviews, and finds nothing. */
  readonly approves: boolean;
}

/** The process tree of an attempt: what really runs, whatever anybody believes. */
export class SimCommand {
  readonly order: StartOrder;
  readonly fate: Fate;
  readonly bootId: string;
  /** Any process of it lives. */
  alive = true;
  /** The command itself, not only what it left behind. */
  leads = true;
  printed = 0;
  /** When it printed last, on the clock that stands still while nobody watches. */
  printedAt = 0;
  spoke = false;
  activeMs = 0;
  #stepsLeft: number;
  #lives: number;

  constructor(order: StartOrder, fate: Fate, bootId: string) {
    this.order = order;
    this.fate = fate;
    this.bootId = bootId;
    this.#stepsLeft = fate.steps;
    this.#lives = fate.lives;
  }

  /**
   * Works on for one step.
   * @param watchedMs time in which a daemon was watching.
   */
  step(watchedMs: number): void {
    if (!this.leads) return;
    if (this.fate.hangs && this.#stepsLeft <= 1) return;
    this.#stepsLeft--;
    if (this.fate.prints) {
      this.printed++;
      this.printedAt = watchedMs;
    }
    if (this.#stepsLeft > 0) return;
    this.leads = false;
    if (!this.fate.leavesChild) this.alive = false;
  }

  /** SIGKILL to the whole tree. */
  kill(): void {
    this.leads = false;
    if (--this.#lives <= 0) this.alive = false;
  }

  get outcome(): Outcome {
    if (this.fate.fails) return { kind: 'failed', reason: 'exit', message: 'exit code 1' };
    if (this.order.answer !== 'verdict') return { kind: 'complete' };
    const issue = { severity: 'low', location: 'x:1', issue: 'wrong' } as const;
    const { approves } = this.fate;
    return {
      kind: 'complete',
      verdict: { approved: approves, summary: '', issues: approves ? [] : [issue] },
    };
  }
}

/** What a worker says of a command that it was told to end. */
export function outcomeOfStop(stop: StopOrder['reason'], command: SimCommand): Outcome {
  switch (stop) {
    case 'timeout':
      return { kind: 'timed-out', message: 'ran longer than its timeout' };
    case 'stalled':
      return { kind: 'failed', reason: 'stalled', message: 'showed no more sign of progress' };
    case 'conflict':
    case 'deadlock':
      return { kind: 'failed', reason: stop, message: stop };
    case 'cancelled':
    case 'stopped':
      return { kind: 'cancelled', message: stop };
    case 'reported':
      return command.outcome;
  }
}
