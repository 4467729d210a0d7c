import { EXIT } from './exit-codes.js';
import { choiceOf, type RunFlags } from './flags.js';
import { placeOf } from './place.js';
import { prepare } from './prepared.js';
import { PLAN_FORMS, printPlan } from './print-plan.js';
import { out, refuse, warn } from './terminal.js';

export interface PlanFlags extends RunFlags {
  readonly as?: string;
}

/** `signalbox plan`: reads a plan as `run` would, and shows what it is. */
export function plan(input: string, flags: PlanFlags): Promise<number> {
  const form = choiceOf('--as', flags.as ?? (flags.json === true ? 'json' : 'text'), PLAN_FORMS);
  const prepared = prepare(input, flags, placeOf(flags));
  if (!form.ok || !prepared.ok)
    return Promise.resolve(
      refuse([...(form.ok ? [] : [form.error]), ...(prepared.ok ? [] : prepared.error)]),
    );
  warn(prepared.value.warnings);
  out(printPlan(prepared.value.plan, form.value, prepared.value.config));
  return Promise.resolve(EXIT.complete);
}
