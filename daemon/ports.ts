import type { JournalRecord } from '../bus-schema/fact.js';
import type { RunId, WorkerId } from '../bus-schema/ids.js';
import type { OwnMessage } from '../bus-schema/message.js';
import type { Attempt, Run, State } from './scheduler/state.js';

/**
 * What the loop needs of the world, each port real or simulated. Calls are synchronous and there is nothing to wait for
 * between them, so a crash can be placed between any two, and a simulation drives the very same loop.
 */

/** Facts, durable before anything acts on them. Errors of both calls are final. */
export interface Journal {
  append(records: readonly JournalRecord[]): void;
  sync(): void;
}

/** What the world sees of the bus. All of it can be made anew, so nothing here needs a sync. */
export interface Outlet {
  /** Lines of the feed, in order. */
  announce(messages: readonly OwnMessage[]): void;
  /** An event file of the daemon's own. */
  signal(run: RunId, type: 'DEP_READY' | 'PARALLEL_COMPLETE', id: string, body: string): void;
  /** Moves a run's event files (of one task, or all) into the run's folder. */
  stowEvents(run: RunId, task?: string): void;
  /** The views no longer say what is; they are written anew soon, not at once. */
  viewsChanged(state: State): void;
  /** Ticks the completed tasks in the plan's own file, soon. */
  boxesChanged(run: Run): void;
  /** Folders of pruned runs, for good. */
  removeRuns(runs: readonly RunId[]): void;
  /** Reports, and the last word in the track's own files. */
  finish(run: Run): void;
}

/** The workers' processes. */
export interface Pool {
  /** Hands an attempt to its worker. Handing it over again changes nothing. */
  start(attempt: Attempt): void;
  /** Ends an attempt's process tree; with `graceful` it may first end by itself. Its end is told by an event file. */
  stop(attempt: Attempt, graceful: boolean): void;
  /** Forgets the process behind an id, so that the next attempt gets a new one. */
  replace(worker: WorkerId): void;
  /** What became of an attempt that an earlier daemon started. */
  fateOf(attempt: Attempt): Fate;
  /** Ends what a dead worker left of an attempt. Answers by the inbox. */
  bury(attempt: Attempt): void;
  /** Takes an attempt back that nobody has claimed, for good. */
  revoke(attempt: Attempt): 'revoked' | 'claimed';
}

/** `unclaimed`: never started. `alive`: its worker goes on. `orphaned`: started, and its worker is dead. */
export type Fate = 'unclaimed' | 'alive' | 'orphaned';

export interface Clock {
  /** Bus time in milliseconds: never goes back, and leaves out the time in which the machine or the daemon slept. */
  now(): number;
  /** Epoch milliseconds, a label. */
  wall(): number;
}

export type { Attempt } from './scheduler/state.js';
export type { Silence } from './scheduler/self-doubt.js';
