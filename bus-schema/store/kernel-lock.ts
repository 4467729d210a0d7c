import { spawnSync } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { errorCode } from './errors.js';

/**
 * A lock that the kernel gives to one open file and takes back when its last holder is gone, kill -9 included: no
 * clock, no staleness, no theft. Node has no call for it, so flock(1), or perl where there is none (macOS), takes it on
 * a descriptor that it inherits from us; the lock stays with the open file after that helper has ended.
 */
export type LockAttempt =
  | { readonly kind: 'held'; readonly fd: number }
  | { readonly kind: 'busy' }
  | { readonly kind: 'impossible'; readonly why: string };

/** LOCK_EX | LOCK_NB on descriptor 3; 1 means that someone else has it. */
const TAKERS: readonly (readonly [string, ...string[]])[] = [
  ['flock', '-n', '-x', '3'],
  ['perl', '-e', 'open(my $f, "+<&=", 3) or exit 2; exit(flock($f, 6) ? 0 : 1)'],
];

/**
 * Tries to lock a file, which is created where it does not exist and must never be unlinked: a lock on a nameless file
 * excludes nobody. The descriptor may be passed on to a child, which then holds the lock for its own life.
 */
export function tryLock(path: string): LockAttempt {
  const fd = openSync(path, constants.O_CREAT | constants.O_RDWR | constants.O_NOFOLLOW, 0o600);
  for (const [program, ...args] of TAKERS) {
    const { error, status } = spawnSync(program, args, { stdio: ['ignore', 'ignore', 'ignore', fd] });
    if (error !== undefined && errorCode(error) === 'ENOENT') continue;
    if (error === undefined && status === 0) return { kind: 'held', fd };
    closeSync(fd);
    if (error === undefined && status === 1) return { kind: 'busy' };
    return {
      kind: 'impossible',
      why: `${program} could not lock ${path} (${error?.message ?? `exit code ${status}`})`,
    };
  }
  closeSync(fd);
  return { kind: 'impossible', why: 'neither flock(1) nor perl is installed; install util-linux' };
}

/** Whether someone holds the lock now. */
export function isLocked(path: string): boolean {
  const attempt = tryLock(path);
  if (attempt.kind === 'held') closeSync(attempt.fd);
  return attempt.kind === 'busy';
}
