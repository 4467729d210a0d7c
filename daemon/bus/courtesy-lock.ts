import lockfile from 'proper-lockfile';

/**
 * Takes, for the length of a write, the lock that other programs which use the same library take around their own
 * rewrites. A courtesy to them: it can be stolen by a clock and cannot hold a process that does not ask for it, so nothing
 * of ours depends on it, and when it cannot be had in a moment the write is done without it.
 */
export async function withCourtesyLock(path: string, write: () => void): Promise<void> {
  let release: (() => Promise<void>) | undefined;
  try {
    release = await lockfile.lock(path, {
      realpath: false,
      stale: 10_000,
      retries: { retries: 4, minTimeout: 5, maxTimeout: 40 },
      // By default the library throws out of a timer here, which would end the daemon.
      onCompromised: () => undefined,
    });
  } catch {
    release = undefined;
  }
  try {
    write();
  } finally {
    await release?.().catch(() => undefined);
  }
}
