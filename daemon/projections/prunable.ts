import type { Run, State } from '../scheduler/state.js';

/** Which finished runs are meant: those that are not among the latest, and that ended so long ago; of what is not said, any. */
export interface PruneWish {
  readonly keep?: number | undefined;
  readonly olderThanMs?: number | undefined;
}

/** The finished runs that a wish means, the earliest end first. */
export function prunable(state: State, { keep = 0, olderThanMs = 0 }: PruneWish, wallAt: number): Run[] {
  const finished = [...state.runs.values()].flatMap(run =>
    run.ended === undefined ? [] : [{ run, at: run.ended.at, wall: Date.parse(run.ended.wall) }],
  );
  // By bus time, which never goes back; how long ago it was only the wall knows.
  finished.sort((a, b) => a.at - b.at || a.run.ordinal - b.run.ordinal);
  return finished
    .slice(0, Math.max(0, finished.length - keep))
    .filter(({ wall }) => wallAt - wall >= olderThanMs)
    .map(({ run }) => run);
}

/** Why a run cannot be pruned; undefined for one that can. */
export function whyNotPruned({ id, ended, running, open }: Run): string | undefined {
  if (ended !== undefined) return undefined;
  const left =
    running > 0
      ? `${running} of its attempts ${running === 1 ? 'is' : 'are'} open`
      : `${open} of its tasks are left`;
  return `run ${id} is not finished: ${left}`;
}
