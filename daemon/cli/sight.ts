import type { Diagnostic } from '../../bus-schema/diagnostic.js';
import { fail, ok, type Result } from '../../bus-schema/result.js';
import type { BusPlace } from '../bus/open-bus.js';
import { didYouMean } from '../plan/suggest.js';
import { findRun } from '../projections/find-run.js';
import type { Stuck } from '../projections/stuck.js';
import { replay } from '../replay.js';
import type { Run, State, TaskNode } from '../scheduler/state.js';
import { readStuck } from '../stuck-attempts.js';
import type { BusFlags } from './flags.js';
import { existingPlace } from './place.js';
import { daemonSign, type Sign } from './sign.js';

/** What a bus's journal says, and when that is looked at. */
export interface Sight {
  readonly place: BusPlace;
  readonly state: State;
  readonly sign: Sign;
  /** Bus time in milliseconds: with a daemon it has gone on since the last record, without one it stands still. */
  readonly at: number;
  /** Attempts that will not die; of those that are not open any more it may still tell. */
  readonly stuck: Stuck;
}

export function lookAtBus(flags: BusFlags): Result<Sight, Diagnostic> {
  const place = existingPlace(flags);
  return place.ok ? lookAt(place.value) : place;
}

export function lookAt(place: BusPlace): Result<Sight, Diagnostic> {
  let wall: string | undefined;
  const past = replay(place.bus, record => {
    wall = record.wall;
    return false;
  });
  if (!past.ok) return past;
  const { state } = past.value;
  const sign = daemonSign(place.bus);
  // A daemon that drained is forgotten with its end.
  if (!sign.up) state.draining = false;
  const since = sign.up && wall !== undefined ? Math.max(0, Date.now() - Date.parse(wall)) : 0;
  return ok({ place, state, sign, at: state.at + since, stuck: readStuck(place.bus) });
}

/** A run by its id, the beginning of it, its plan's name or its track. */
export function runIn({ state, place }: Sight, named: string): Result<Run, Diagnostic> {
  const run = findRun(state, named);
  if (run !== undefined) return ok(run);
  const names = [...state.runs.values()].flatMap(({ id, plan }) => [id, plan.name, plan.track ?? id]);
  const known = [...state.runs.keys()].slice(-5);
  const remedy =
    didYouMean(named, names) ??
    (known.length === 0 ? 'There is no run yet' : `The latest are ${known.reverse().join(', ')}`);
  return fail({ severity: 'error', file: place.bus, message: `there is no run ${named}`, remedy });
}

/** A task of the run that is named, else of the latest run that has one of that id. */
export function taskIn(sight: Sight, task: string, named: string | undefined): Result<TaskNode, Diagnostic> {
  const run = named === undefined ? undefined : runIn(sight, named);
  if (run?.ok === false) return run;
  const runs = run === undefined ? [...sight.state.runs.values()].reverse() : [run.value];
  for (const each of runs) {
    const node = each.nodes.find(one => one.task.id === task);
    if (node !== undefined) return ok(node);
  }
  const where = run === undefined ? 'no run has' : `run ${run.value.id} has no`;
  const message = `${where} ${run === undefined ? 'a ' : ''}task ${task}`;
  const near = didYouMean(task, ids(runs));
  const remedy = near ?? (sight.state.runs.size === 0 ? 'There is no run yet' : undefined);
  return fail({
    severity: 'error',
    file: sight.place.bus,
    message,
    ...(remedy === undefined ? {} : { remedy }),
  });
}

function* ids(runs: readonly Run[]): Iterable<string> {
  for (const run of runs) for (const node of run.nodes) yield node.task.id;
}
