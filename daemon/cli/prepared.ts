import { readFileSync } from 'node:fs';
import type { RunOptions } from '../../bus-schema/command.js';
import type { Config } from '../../bus-schema/config.js';
import type { Diagnostic } from '../../bus-schema/diagnostic.js';
import { fail, ok, type Result } from '../../bus-schema/result.js';
import type { BusPlace } from '../bus/open-bus.js';
import { loadPlan, preparePlan, type LoadedPlan } from '../load-plan.js';
import { loadConfig } from '../settings.js';
import { runOptionsOf, type RunFlags } from './flags.js';
import { resolveInput } from './input.js';

/** A plan, checked as the daemon will check it; nothing has been written. */
export interface Prepared extends LoadedPlan {
  readonly place: BusPlace;
  readonly config: Config;
  readonly options: RunOptions;
  /** Absolute path; of a plan that came by standard input its text instead. */
  readonly source: { readonly path: string } | { readonly text: string };
}

/** Finds and reads the plan that a command was given; all that is wrong with flags, config or plan. */
export function prepare(
  input: string,
  flags: RunFlags,
  place: Result<BusPlace, Diagnostic>,
): Result<Prepared, readonly Diagnostic[]> {
  const options = runOptionsOf(flags);
  const found = place.ok ? resolveInput(input, process.cwd(), place.value.repo) : place;
  if (!options.ok || !place.ok || !found.ok)
    return fail([...(options.ok ? [] : options.error), ...(found.ok ? [] : [found.error])]);
  const config = loadConfig(place.value.bus, place.value.repo);
  if (!config.ok) return config;
  const source = 'path' in found.value ? found.value : { text: readFileSync(0, 'utf8') };
  const loaded =
    'path' in source
      ? loadPlan(source.path, options.value, config.value)
      : preparePlan(source.text, { file: '-' }, options.value, config.value);
  if (loaded.ok)
    return ok({ ...loaded.value, place: place.value, config: config.value, options: options.value, source });
  // Problems are named by the path that the user gave.
  const path = 'path' in source ? source.path : '-';
  return fail(loaded.error.map(each => (each.file === path ? { ...each, file: input } : each)));
}
