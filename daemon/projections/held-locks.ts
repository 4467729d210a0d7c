import type { RepoPath } from '../../bus-schema/repo-path.js';
import type { Attempt, State } from '../scheduler/state.js';

/** A path in somebody's hands. */
export interface HeldLock {
  readonly path: RepoPath;
  /** By the plan, asked for while the task runs, or by a program outside of our attempts. */
  readonly kind: 'declared' | 'asked' | 'outside';
  readonly worker: string;
  /** The attempt that holds it; an outside program has none. */
  readonly attempt?: Attempt;
  readonly access: 'write' | 'read';
  /** Wall times as UTC ISO 8601. */
  readonly since: string;
  readonly expires: string;
}

/** Every lock there is; a path that several readers share comes once for each. */
export function heldLocks(state: State): HeldLock[] {
  const outside = [...state.outsiders.values()].map(
    ({ path, worker, acquiredWall, expiresWall }): HeldLock => ({
      path,
      kind: 'outside',
      worker,
      access: 'write',
      since: acquiredWall,
      expires: expiresWall,
    }),
  );
  return [...[...state.attempts.values()].flatMap(locksOf), ...outside];
}

function locksOf(attempt: Attempt): HeldLock[] {
  const { node, worker, locks, startedWall } = attempt;
  // Beyond the calendar there is no text for an instant.
  const expires = new Date(Math.min(attempt.wallAt + node.task.timeoutMs, 8.64e15)).toISOString();
  const asked = [...locks].map(([path, { since, as }]): HeldLock => {
    return { path, kind: 'asked', worker: as ?? worker, attempt, access: 'write', since, expires };
  });
  const access = node.lockClass?.access ?? 'write';
  const declared = node.task.files
    .filter(path => !locks.has(path))
    .map((path): HeldLock => {
      return { path, kind: 'declared', worker, attempt, access, since: startedWall, expires };
    });
  return [...declared, ...asked];
}
