import type { RunOptions } from '../bus-schema/command.js';
import type { Diagnostic } from '../bus-schema/diagnostic.js';
import type { RunId } from '../bus-schema/ids.js';
import { fail, ok, type Result } from '../bus-schema/result.js';
import { loadPlan } from './load-plan.js';
import type { Loop } from './loop.js';
import { storePlan, workDigestOf } from './run-store.js';
import type { Run, State } from './scheduler/state.js';
import { loadConfig } from './settings.js';

export interface Submission {
  /** Absolute path of the plan. */
  readonly plan: string;
  readonly options: RunOptions;
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
  const config = loadConfig(place.bus, place.repo);
  if (!config.ok) return config;
  const loaded = loadPlan(submission.plan, submission.options, config.value);
  if (!loaded.ok) return loaded;
  const { plan, warnings } = loaded.value;
  const run = runIdFor(plan.track ?? plan.name, submission.id);
  if (loop.state.runs.has(run)) return ok({ run, continued: false, warnings });
  const unfinished = unfinishedRunOf(loop.state, submission.plan);
  if (unfinished !== undefined) {
    if (unfinished.workDigest === workDigestOf(plan))
      return ok({ run: unfinished.id, continued: true, warnings });
    return fail([otherPlan(submission.plan, unfinished)]);
  }
  const digests = storePlan(place.bus, run, plan);
  loop.post(() => ({ type: 'Submit', run, plan, ...digests }));
  loop.turn();
  return ok({ run, continued: false, warnings });
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

function unfinishedRunOf(state: State, source: string): Run | undefined {
  return [...state.active].find(run => run.plan.source === source);
}

function otherPlan(file: string, run: Run): Diagnostic {
  return {
    severity: 'error',
    file,
    message: `run ${run.id} of this plan is not finished, and the plan or its options have changed since`,
    remedy: `Let it finish as it was, or end it first with: signalbox cancel ${run.id}`,
  };
}
