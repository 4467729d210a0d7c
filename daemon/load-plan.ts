import { statSync } from 'node:fs';
import type { RunOptions } from '../bus-schema/command.js';
import type { Config } from '../bus-schema/config.js';
import type { Diagnostic } from '../bus-schema/diagnostic.js';
import type { Plan } from '../bus-schema/plan.js';
import { fail, ok, type Result } from '../bus-schema/result.js';
import { readNamedFile } from '../bus-schema/store/read-file.js';
import { readPlan } from './plan/read.js';
import { resolvePlan } from './plan/resolve.js';

/** JSON plans may be so large; the readers hold Markdown and YAML to less. */
const LARGEST_PLAN_BYTES = 64 * 1024 ** 2;

export interface LoadedPlan {
  readonly plan: Plan;
  readonly warnings: readonly Diagnostic[];
}

/** Reads a plan file and settles everything that flags, config and defaults decide. Starts and writes nothing. */
export function loadPlan(
  path: string,
  options: RunOptions,
  config: Config,
  spooled = false,
): Result<LoadedPlan, Diagnostic[]> {
  const text = readPlanFile(path);
  if (!text.ok) return fail([text.error]);
  return preparePlan(text.value, spooled ? { file: '-' } : { file: path, source: path }, options, config);
}

/** The same for text that has come another way. */
export function preparePlan(
  text: string,
  where: { readonly file: string; readonly source?: string },
  options: RunOptions,
  config: Config,
): Result<LoadedPlan, Diagnostic[]> {
  const read = readPlan({
    text,
    ...where,
    ...(options.format === undefined ? {} : { format: options.format }),
  });
  if (!read.ok) return read;
  const resolved = resolvePlan(read.value.plan, options, config);
  return resolved.ok ? ok({ plan: resolved.value, warnings: read.value.warnings }) : resolved;
}

function readPlanFile(path: string): Result<string, Diagnostic> {
  const broken = (message: string, remedy?: string): Result<never, Diagnostic> =>
    fail({ severity: 'error', file: path, message, ...(remedy === undefined ? {} : { remedy }) });
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) {
    return broken('it is a folder, not a plan', 'Name the plan file in it');
  }
  const read = readNamedFile(path, LARGEST_PLAN_BYTES);
  if (read.ok) return ok(read.value.text);
  if (read.error.kind === 'refused' || read.error.kind === 'hindered')
    return broken(`the plan cannot be read: ${read.error.why}`);
  return broken(
    'there is no such file',
    'Give the path of a plan, or the id of a track under conductor/tracks/',
  );
}
