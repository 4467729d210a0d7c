import type { RunId } from '../bus-schema/ids.js';
import type { RepoPath } from '../bus-schema/repo-path.js';
import type { LocksView } from '../bus-schema/view.js';
import { readLocksEdit, type LockEntry } from './bus/locks-edit.js';
import { isOurName } from './foreign-status.js';
import type { Loop } from './loop.js';
import type { Clock } from './ports.js';
import { holderName, type Conflict } from './scheduler/lock.js';
import { openAttemptOf, taskInName } from './scheduler/lookup.js';
import { outsideConflict } from './scheduler/outside-lock.js';
import { obstacle } from './scheduler/run-lock.js';
import type { Attempt, State } from './scheduler/state.js';

/** Of a lock that does not say how long it shall last. */
const USUAL_MS = 30 * 60_000;
const LONGEST_MS = 24 * 3_600_000;
/** Entries that are remembered, at most. */
const MOST_REMEMBERED = 5000;

interface Log {
  warn(what: object, message: string): void;
}

/**
 * What other programs write into `locks.json`: they read it, add or remove an entry, and write all of it back. An entry of
 * theirs is a lock as long as it stands there; one of ours that they drop comes back. Two that write at the same time lose
 * one of the edits: nothing here can mend that.
 */
export class ForeignLocks {
  readonly #loop: Pick<Loop, 'state' | 'post'>;
  readonly #clock: Clock;
  readonly #taskOf: (worker: string) => string | undefined;
  readonly #shown: () => LocksView;
  readonly #log: Log;
  /** Entries that had their effect: whoever writes back an old copy of the file brings them up again. */
  readonly #heard = new Set<string>();
  readonly #warned = new Set<string>();

  constructor(parts: {
    loop: Pick<Loop, 'state' | 'post'>;
    clock: Clock;
    /** The task that a worker says elsewhere that it does. */
    taskOf: (worker: string) => string | undefined;
    /** What the view says now. */
    shown: () => LocksView;
    log: Log;
  }) {
    this.#loop = parts.loop;
    this.#clock = parts.clock;
    this.#taskOf = parts.taskOf;
    this.#shown = parts.shown;
    this.#log = parts.log;
  }

  /** Takes in the view as another program has left it. What follows from it waits in the inbox for the next turn. */
  hear(text: string): void {
    const edit = readLocksEdit(text);
    if (edit === undefined) return;
    this.#rememberHeld();
    for (const why of edit.refused) this.#warn(why, { why }, 'an entry of locks.json means nothing');
    const now = this.#clock.wall();
    const live = edit.entries.filter(entry => !isOurName(entry.worker) && !isOver(entry, now));
    this.#dropVanished(new Map(live.map(entry => [entry.path, entry.worker])), edit.entries);
    const shown = new Map(Object.entries(this.#shown()));
    for (const entry of live) {
      const ours = shown.get(entry.path);
      // Our own word for it, which says nothing new.
      if (ours?.run_id === undefined || ours.worker_id !== entry.worker) this.#take(entry, now);
    }
  }

  /** As our own view tells of them. */
  #rememberHeld(): void {
    const { outsiders, attempts } = this.#loop.state;
    for (const { path, worker, acquiredWall } of outsiders.values())
      remember(this.#heard, keyOf({ path, worker, acquiredAt: Date.parse(acquiredWall) }));
    for (const { locks } of attempts.values())
      for (const [path, { as, since }] of locks)
        if (as !== undefined)
          remember(this.#heard, keyOf({ path, worker: as, acquiredAt: Date.parse(since) }));
  }

  /** Foreign locks that the file does not have any more. */
  #dropVanished(live: ReadonlyMap<RepoPath, string>, entries: readonly LockEntry[]): void {
    const { state } = this.#loop;
    const isThere = (path: RepoPath, worker: string): boolean => live.get(path) === worker;
    for (const { path, worker } of state.outsiders.values()) {
      if (isThere(path, worker)) continue;
      const why = entries.some(entry => entry.path === path && entry.worker === worker)
        ? 'expired'
        : 'released';
      this.#loop.post(() => ({ type: 'OutsideLocksGone', worker, paths: [path], why }));
    }
    for (const { id, locks } of state.attempts.values()) {
      const gone = [...locks].flatMap(([path, { as }]) =>
        as === undefined || isThere(path, as) ? [] : [path],
      );
      if (gone.length > 0) this.#loop.post(() => ({ type: 'LocksGivenBack', attempt: id, paths: gone }));
    }
  }

  #take(entry: LockEntry, now: number): void {
    const { path, worker } = entry;
    if (this.#isOldCopy(entry)) return;
    const attempt = this.#attemptOf(entry);
    const acquiredWall = new Date(entry.acquiredAt ?? now).toISOString();
    const lasts = Math.min((entry.expiresAt ?? now + USUAL_MS) - now, LONGEST_MS);
    const expiresAt = this.#clock.now() + lasts;
    this.#loop.post(state => {
      const conflict = conflictFor(state, attempt, entry);
      if (conflict !== undefined) {
        this.#warn(
          keyOf(entry) ?? `${path}\n${worker}`,
          { path, worker, holder: holderName(conflict) },
          'a lock in locks.json is not honoured: the file has a holder',
        );
        return undefined;
      }
      for (const at of [entry.acquiredAt, Date.parse(acquiredWall)])
        remember(this.#heard, keyOf({ ...entry, acquiredAt: at }));
      return attempt === undefined
        ? { type: 'OutsideLockSeen', worker, path, expiresAt, acquiredWall }
        : { type: 'LocksAsked', attempt: attempt.id, paths: [path], claimed: true, as: worker };
    });
  }

  /** Somebody wrote back what the file was a while ago: a lock that has ended since is not taken again. */
  #isOldCopy(entry: LockEntry): boolean {
    const { state } = this.#loop;
    const { path, worker, run } = entry;
    for (const { locks } of state.attempts.values()) if (locks.get(path)?.as === worker) return false;
    if (state.outsiders.get(path)?.worker === worker) return false;
    // An entry of an attempt that has ended since.
    if (run !== undefined && state.runs.has(run as RunId) && this.#attemptOf(entry) === undefined)
      return true;
    const key = keyOf(entry);
    return key !== undefined && this.#heard.has(key);
  }

  #attemptOf({ worker, task }: LockEntry): Attempt | undefined {
    const named = task ?? this.#taskOf(worker) ?? taskInName(worker);
    return named === undefined ? undefined : openAttemptOf(this.#loop.state, named);
  }

  #warn(key: string, what: object, message: string): void {
    if (this.#warned.has(key)) return;
    remember(this.#warned, key);
    this.#log.warn(what, message);
  }
}

function conflictFor(
  state: State,
  attempt: Attempt | undefined,
  { path, worker }: LockEntry,
): Conflict | undefined {
  if (attempt === undefined) return outsideConflict(state, worker, path);
  return attempt.locks.get(path)?.as === worker ? undefined : obstacle(state, attempt, [path]);
}

function isOver({ expiresAt }: LockEntry, now: number): boolean {
  return expiresAt !== undefined && expiresAt <= now;
}

/** Taken twice, a path has two keys; without a time none, and each writing counts anew. */
function keyOf({
  path,
  worker,
  acquiredAt,
}: Pick<LockEntry, 'path' | 'worker' | 'acquiredAt'>): string | undefined {
  return acquiredAt === undefined ? undefined : `${path}\n${worker}\n${acquiredAt}`;
}

function remember(keys: Set<string>, key: string | undefined): void {
  if (key === undefined) return;
  keys.add(key);
  for (const oldest of keys) {
    if (keys.size <= MOST_REMEMBERED) return;
    keys.delete(oldest);
  }
}
