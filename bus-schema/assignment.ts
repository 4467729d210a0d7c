import type { AttemptId, RunId, TaskId, Token } from './ids.js';
import type { Outcome } from './outcome.js';
import type { Work } from './plan.js';

/** What a worker needs to run one attempt. */
export interface StartOrder {
  readonly do: 'start';
  readonly run: RunId;
  readonly task: TaskId;
  readonly attempt: AttemptId;
  readonly number: number;
  readonly token: Token;
  readonly work: Work;
  /** Absent for the task's own work. */
  readonly stage?: 'review' | 'fix';
  /** Absolute directory the command runs in: the repo's root. */
  readonly cwd: string;
  readonly files: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly output?: string;
  readonly accept?: string;
  /** The last JSON object that the command prints says how it went: of its task, or of what it reviewed. */
  readonly answer?: 'result' | 'verdict';
  /** From an accepted outcome, or from exit 0 with children left, to the first SIGTERM. */
  readonly settleGraceMs: number;
  /** From SIGTERM to SIGKILL. */
  readonly killGraceMs: number;
  /** The log is cut at so many bytes, with a marker. */
  readonly logCapBytes: number;
}

/** End an attempt: `afterMs` gives its command time to end by itself before the first signal. */
export interface StopOrder {
  readonly do: 'stop';
  readonly attempt: AttemptId;
  readonly reason: 'timeout' | 'stalled' | 'cancelled' | 'stopped' | 'reported' | 'conflict' | 'deadlock';
  readonly afterMs: number;
  /** With `reported`: the outcome that the daemon accepted, which the worker tells as its own, unless `accept` says no. */
  readonly accepted?: Outcome;
}

/** Nothing more will come: end when idle. */
export interface RetireOrder {
  readonly do: 'retire';
}

export type Order = StartOrder | StopOrder | RetireOrder;

/** One line of `workers/<worker-id>/assignments`. */
export const encodeOrder = (order: Order): string => `${JSON.stringify(order)}\n`;

/**
 * Reads one line of the assignments. By hand, because the schema library would double a worker's start-up time; the
 * file is written by the daemon alone, so what does not fit is a bug and is thrown.
 */
export function decodeOrder(line: string): Order {
  const order = JSON.parse(line) as Partial<Order> | null;
  const complete =
    order?.do === 'start'
      ? typeof order.attempt === 'string' &&
        typeof order.run === 'string' &&
        typeof order.task === 'string' &&
        typeof order.token === 'string' &&
        typeof order.cwd === 'string' &&
        typeof order.timeoutMs === 'number' &&
        typeof order.work === 'object'
      : order?.do === 'stop'
        ? typeof order.attempt === 'string' && typeof order.afterMs === 'number'
        : order?.do === 'retire';
  if (!complete) throw new Error(`Internal error: no order of ours: ${line.slice(0, 200)}`);
  return order as Order;
}
