import type { Run, State } from '../scheduler/state.js';

/** By id, or by track or plan name: then the latest. */
export function findRun(state: State, named: string): Run | undefined {
  const runs = [...state.runs.values()].reverse();
  return (
    runs.find(run => run.id === named) ??
    runs.find(run => run.plan.track === named || run.plan.name === named) ??
    runs.find(run => run.id.startsWith(named))
  );
}
