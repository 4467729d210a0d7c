/** How the command line ends, for scripts that ask. */
export const EXIT = {
  /** Done; of a run: all tasks are complete. */
  complete: 0,
  /** Some task failed or was skipped; of `doctor`: something is bad; of a system call: it was refused. */
  failed: 1,
  /** Bad usage or input; nothing was started. */
  usage: 2,
  /** Stopped by a critical failure, by `stop`, or cancelled. */
  stopped: 3,
  /** A bug of ours. */
  bug: 70,
  /** Another daemon holds the bus. */
  busy: 75,
} as const;
