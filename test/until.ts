const PAUSE_MS = 5;

/**
 * Waits until a look gives something other than undefined or false, and returns that; throws when the deadline is over.
 * For what another process does: never sleep for a fixed time instead.
 */
export async function until<T>(
  look: () => T | undefined | false | Promise<T | undefined | false>,
  deadlineMs = 10_000,
  what = 'what was waited for',
): Promise<T> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (performance.now() > deadline) throw new Error(`${what} did not come within ${deadlineMs} ms`);
    await new Promise(resolve => setTimeout(resolve, PAUSE_MS));
  }
}
