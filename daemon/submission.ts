import { join } from 'node:path';
import type { RunOptions } from '../bus-schema/command.js';
import type { Diagnostic } from '../bus-schema/diagnostic.js';
import type { RunId } from '../bus-schema/ids.js';
import { fail, ok, type Result } from '../bus-schema/result.js';
import type { Plan } from '../bus-schema/plan.js';
import { removeAll } from '../bus-schema/store/folder.js';
import { readHistory } from './history-file.js';
import { loadPlan, type LoadedPlan } from './load-plan.js';
import type { Loop } from './loop.js';
import { withExpectations } from './plan/expected.js';
import { storePlan, workDigestOf } from './run-store.js';
import type { Run, State } from './scheduler/state.js';
import { loadConfig } from './settings.js';

export interface Submission {
  /** Absolute path of the plan. */
  readonly plan: string;
  readonly options: RunOptions;
  /** It came by standard input, and its file is ours. */
  readonly spooled?: boolean | undefined;
  /** What stands in it, where whoever hands it in has just read it: of many tasks, that takes most of a run's start. */
  readonly read?: LoadedPlan | undefined;
  /** Names the request, and makes the run's id: the same request twice is one run. */
  readonly id: string;
}

export interface Admitted {
  readonly run: RunId;
  /** An unfinished run of the same plan was there already, and goes on. */
  readonly continued: boolean;
  readonly warnings: readonly Diagnostic[];
}

/** Takes a plan in as a run: read, checked, stored durably, then submitted. A refusal leaves nothing behind. */
export function admit(
  submission: Submission,
  place: { readonly bus: string; readonly repo: string },
  loop: Loop,
): Result<Admitted, readonly Diagnostic[]> {
  const { options, spooled, id } = submission;
  const known = [...loop.state.runs.keys()].find(run => run.endsWith(`-${id}`));
  if (known !== undefined) return ok({ run: known, continued: false, warnings: [] });
  const config = loadConfig(place.bus, place.repo);
  if (!config.ok) return config;
  const origin = spooled === true ? { file: '-', workspace: spooledWorkspace(place.repo, id) } : undefined;
  const { read } = submission;
  const loaded = read === undefined ? loadPlan(submission.plan, options, config.value, origin) : ok(read);
  if (!loaded.ok) return loaded;
  const { plan, warnings } = loaded.value;
  const run = runIdFor(plan.track ?? plan.name, id);
  const unfinished = unfinishedRunOf(loop.state, plan);
  if (unfinished !== undefined && unfinished.workDigest !== workDigestOf(plan))
    return fail([otherPlan(unfinished)]);
  if (unfinished === undefined) {
    const expected = withExpectations(plan, readHistory(place.bus));
    const digests = storePlan(place.bus, run, expected);
    loop.post(() => ({ type: 'Submit', run, plan: expected, ...digests }));
    loop.turn();
  }
  if (spooled === true) removeAll(submission.plan);
  return ok({ run: unfinished?.id ?? run, continued: unfinished !== undefined, warnings });
}

/** A new request's name: the moment it was made, and some chance. */
export function requestId(): string {
  const moment = new Date().toISOString().replace(/[-:]/g, '').slice(0, 15).replace('T', '-');
  return `${moment}-${Math.random().toString(36).slice(2, 6).padEnd(4, '0')}`;
}

/** A name that people know the run by, made fit for an id, and the request's own. */
function runIdFor(name: string, request: string): RunId {
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '')
    .slice(0, 40);
  return `${slug === '' ? 'run' : slug}-${request}` as RunId;
}

/** A tasks file that came by standard input has no folder of its own for its run: that gets one by the request's moment. */
export function spooledWorkspace(repo: string, request: string): string {
  return join(repo, '.tmp', `${request.slice(0, 15)}-parallel`, 'parallel-session');
}

/** By its file; a plan that had none is known by what it does. */
export function unfinishedRunOf(state: State, plan: Plan): Run | undefined {
  const { source } = plan;
  const runs = [...state.active].filter(run => run.plan.source === source);
  if (source !== undefined) return runs[0];
  const digest = workDigestOf(plan);
  return runs.find(run => run.workDigest === digest);
}

function otherPlan(run: Run): Diagnostic {
  return {
    severity: 'error',
    file: run.plan.source ?? '-',
    message: `run ${run.id} of this plan is not finished, and the plan or its options have changed since`,
    remedy: `Let it finish as it was, or end it first with: signalbox cancel ${run.id}`,
  };
}
