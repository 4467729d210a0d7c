/** What is to be undone should the bench end before its time, by an interrupt or a fault. Synchronous: it is the last moment. */
const open = new Set<() => void>();

process.once('exit', () => {
  // What was opened last goes first: a daemon before the folder that it writes to.
  for (const undo of [...open].reverse()) {
    try {
      undo();
    } catch (error) {
      process.stderr.write(`cannot be undone: ${String(error)}\n`);
    }
  }
});

/** @returns to be called when it has been undone in the ordinary way. */
export function atExit(undo: () => void): () => void {
  open.add(undo);
  return () => open.delete(undo);
}
