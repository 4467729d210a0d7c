import type { Fact, FactOf, JournalRecord } from '../../bus-schema/fact.js';
import { overlaps, type RepoPath } from '../../bus-schema/repo-path.js';
import { holderOf, releaseWaiters, type Conflict } from './lock.js';
import type { Instant, LockMessage } from './message.js';
import type { OutsideLock, State } from './state.js';

/** More programs than that are no programs. */
export const MOST_OUTSIDERS = 1000;
/** An end that differs by less is the same one, reckoned anew. */
const SAME_END_MS = 1000;

/** A program outside of our attempts has written a lock; it is honoured unless somebody has the file already. */
export function outsideLockSeen(
  state: State,
  message: Extract<LockMessage, { type: 'OutsideLockSeen' }>,
): readonly Fact[] {
  const { worker, path, expiresAt, acquiredWall } = message;
  const known = state.outsiders.get(path);
  if (known?.worker === worker && Math.abs(known.expiresAt - expiresAt) < SAME_END_MS) return [];
  if (known === undefined && state.outsiders.size >= MOST_OUTSIDERS) return [];
  if (outsideConflict(state, worker, path) !== undefined) return [];
  return [{ type: 'OutsideLockTaken', worker, path, expiresAt, acquiredWall }];
}

export function outsideLocksGone(
  state: State,
  message: Extract<LockMessage, { type: 'OutsideLocksGone' }>,
): readonly Fact[] {
  const { worker, paths, why } = message;
  return [...new Set(paths)].flatMap(path =>
    state.outsiders.get(path)?.worker === worker
      ? [{ type: 'OutsideLockReleased' as const, worker, path, why }]
      : [],
  );
}

/** What stands against a lock of an outside worker; what it has itself does not. */
export function outsideConflict(state: State, worker: string, path: RepoPath): Conflict | undefined {
  const conflict = holderOf(state, { paths: [path], access: 'write' });
  if (conflict?.kind !== 'outside' || conflict.holder.worker !== worker) return conflict;
  for (const holder of state.outsiders.values())
    if (holder.worker !== worker && overlaps(path, holder.path)) return { kind: 'outside', holder, path };
  return undefined;
}

/** The outside locks whose time is over: their holders may be dead, and nobody else would know. */
export function expired(state: State, now: Instant): Fact[] {
  const facts: Fact[] = [];
  for (const { worker, path, expiresAt } of state.outsiders.values())
    if (expiresAt <= now.at) facts.push({ type: 'OutsideLockReleased', worker, path, why: 'expired' });
  return facts;
}

export function takeOutside(state: State, fact: FactOf<'OutsideLockTaken'>, record: JournalRecord): void {
  const path = fact.path as RepoPath;
  const expiresWall = new Date(Date.parse(record.wall) + fact.expiresAt - record.at).toISOString();
  const waiters = state.outsiders.get(path)?.waiters ?? new Set();
  const { worker, expiresAt, acquiredWall } = fact;
  state.outsiders.set(path, { worker, path, expiresAt, expiresWall, acquiredWall, waiters });
}

export function releaseOutside(state: State, fact: FactOf<'OutsideLockReleased'>): void {
  const lock: OutsideLock | undefined = state.outsiders.get(fact.path as RepoPath);
  if (lock === undefined) return;
  state.outsiders.delete(lock.path);
  releaseWaiters(lock);
}
