import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { RunId } from '../bus-schema/ids.js';
import { layout } from '../bus-schema/layout.js';
import type { Plan } from '../bus-schema/plan.js';
import { fail, ok, type Result } from '../bus-schema/result.js';
import { ensureFolder } from '../bus-schema/store/folder.js';
import { readIfThere } from '../bus-schema/store/read-file.js';
import { replaceFile, syncFolder } from '../bus-schema/store/write-file.js';
import { workOf } from './plan/digest-source.js';

/** A plan as it stands beside the journal, and how the journal knows it again. */
export interface StoredPlan {
  readonly planDigest: string;
  /** Of what the plan does, whatever is ticked in it: the same for an unfinished run's plan submitted once more. */
  readonly workDigest: string;
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

export const workDigestOf = (plan: Plan): string => digestOf(workOf(plan));

/** Makes a run's folder with its plan in it, durably: the journal may speak of the run from now on. */
export function storePlan(bus: string, run: RunId, plan: Plan): StoredPlan {
  ensureFolder(join(bus, layout.attempts(run)));
  const text = `${JSON.stringify(plan)}\n`;
  replaceFile(bus, join(bus, layout.runPlan(run)), text, { durable: true });
  syncFolder(join(bus, layout.runs));
  return { planDigest: digestOf(text), workDigest: workDigestOf(plan) };
}

/** The plan of a run, unless it is not the one that the journal speaks of. */
export function readStoredPlan(bus: string, run: RunId, digest: string): Result<Plan, string> {
  const file = join(bus, layout.runPlan(run));
  const text = readIfThere(file);
  if (text === undefined) return fail(`the plan of run ${run} is missing: ${file}`);
  if (digestOf(text) !== digest)
    return fail(`the plan of run ${run} was changed after it was submitted: ${file}`);
  // Written by this program and unchanged since, as the digest shows: not held against the schema a second time.
  return ok(JSON.parse(text) as Plan);
}
