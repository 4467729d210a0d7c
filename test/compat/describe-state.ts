import type { State } from '../../daemon/scheduler/state.js';

/** What of a state a user could ever notice, in one form for all versions: what was not there yet is not named. */
export interface DescribedState {
  readonly runs: readonly DescribedRun[];
  readonly attempts: readonly string[];
}

export interface DescribedRun {
  readonly id: string;
  readonly name: string;
  readonly verdict: string;
  readonly tasks: Readonly<Record<string, string>>;
}

export function describeState(state: State): DescribedState {
  return {
    runs: [...state.runs.values()].map(run => ({
      id: run.id,
      name: run.plan.name,
      verdict: run.ended?.verdict ?? (run.paused ? 'paused' : 'unfinished'),
      tasks: Object.fromEntries(
        run.nodes.map(({ task, attempts, status, last }) => [
          task.id,
          [
            'end' in status ? status.end.kind : status.kind,
            `after ${attempts}`,
            last === undefined ? 'never settled' : JSON.stringify(last.outcome),
          ].join(', '),
        ]),
      ),
    })),
    attempts: [...state.attempts.keys()].sort(),
  };
}
