import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RunOptions } from '../bus-schema/command.js';
import type { Config } from '../bus-schema/config.js';
import type { Diagnostic } from '../bus-schema/diagnostic.js';
import type { Plan } from '../bus-schema/plan.js';
import { fail, ok, type Result } from '../bus-schema/result.js';
import { readNamedFile } from '../bus-schema/store/read-file.js';
import { workspaceLayout } from '../bus-schema/workspace.js';
import { cautionsOf } from './plan/cautions.js';
import { obeyExecutionPlan } from './plan/obeyed-plan.js';
import { readPlan, type PlanReading } from './plan/read.js';
import { resolvePlan } from './plan/resolve.js';

/** JSON plans may be so large; the readers hold Markdown and YAML to less. */
const LARGEST_PLAN_BYTES = 64 * 1024 ** 2;

/** No plan of groups is larger, whoever wrote it. */
const LARGEST_EXECUTION_PLAN_BYTES = 4 * 1024 ** 2;
/** Beside a tasks file. */
const SESSION_FOLDER = 'parallel-session';

export interface LoadedPlan {
  readonly plan: Plan;
  readonly warnings: readonly Diagnostic[];
}

/**
 * Reads a plan file and settles everything that flags, config and defaults decide. Starts and writes nothing.
 * @param origin where the text comes from, if the file only holds it for a while.
 */
export function loadPlan(
  path: string,
  options: RunOptions,
  config: Config,
  origin: PlanOrigin = { file: path, source: path },
): Result<LoadedPlan, Diagnostic[]> {
  const text = readPlanFile(path);
  return text.ok ? preparePlan(text.value, origin, options, config) : fail([text.error]);
}

/** Where a plan's text has come from. */
export interface PlanOrigin {
  readonly file: string;
  readonly source?: string;
  /** Session folder of a tasks file that has no file, and so no folder of its own. */
  readonly workspace?: string;
}

/** The same for text that has come another way. */
export function preparePlan(
  text: string,
  origin: PlanOrigin,
  options: RunOptions,
  config: Config,
): Result<LoadedPlan, Diagnostic[]> {
  const { file, source } = origin;
  const read = readPlan({
    text,
    file,
    ...(source === undefined ? {} : { source }),
    ...(options.format === undefined ? {} : { format: options.format }),
  });
  const arranged = read.ok ? inSession(read.value, origin.workspace) : read;
  if (!arranged.ok) return arranged;
  const { plan: asked, warnings } = arranged.value;
  const resolved = resolvePlan(asked, options, config);
  if (!resolved.ok) return resolved;
  const cautions = cautionsOf(asked, resolved.value, options, config);
  return ok({ plan: resolved.value, warnings: [...warnings, ...cautions] });
}

/** A tasks file runs in a session folder beside it; an execution plan that somebody else has put there is obeyed. */
function inSession(
  { plan, warnings }: PlanReading,
  workspace = plan.source === undefined ? undefined : join(dirname(plan.source), SESSION_FOLDER),
): Result<PlanReading, Diagnostic[]> {
  if (plan.format !== 'orchestrate' || workspace === undefined) return ok({ plan, warnings });
  const asked = { ...plan, workspace };
  const file = join(workspace, workspaceLayout.executionPlan);
  const read = readNamedFile(file, LARGEST_EXECUTION_PLAN_BYTES);
  if (!read.ok) {
    if (read.error.kind === 'vanished') return ok({ plan: asked, warnings });
    const why = read.error.kind === 'unfinished' ? 'it is being written' : read.error.why;
    const message = `the execution plan cannot be read: ${why}`;
    return fail([{ severity: 'error', file, message, remedy: 'Mend it, or take it away' }]);
  }
  const obeyed = obeyExecutionPlan(asked, read.value.text, file);
  return obeyed.ok ? ok({ ...obeyed.value, warnings: [...warnings, ...obeyed.value.warnings] }) : obeyed;
}

function readPlanFile(path: string): Result<string, Diagnostic> {
  const broken = (message: string, remedy?: string): Result<never, Diagnostic> =>
    fail({ severity: 'error', file: path, message, ...(remedy === undefined ? {} : { remedy }) });
  if (existsSync(path) && statSync(path).isDirectory()) {
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
