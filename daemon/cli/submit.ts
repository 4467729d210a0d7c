import { removeAll } from '../../bus-schema/store/folder.js';
import { requestId } from '../submission.js';
import { missingPrograms } from './agents-on-path.js';
import { ask } from './ask.js';
import { EXIT } from './exit-codes.js';
import type { RunFlags } from './flags.js';
import { tell } from './orders.js';
import { existingPlace } from './place.js';
import { prepare } from './prepared.js';
import { printPlan } from './print-plan.js';
import { daemonSign } from './sign.js';
import { spool } from './stdin-plan.js';
import { complain, err, out, refuse, warn } from './terminal.js';

/**
 * `signalbox submit`: checks the plan here, where its problems can be shown as they are, and then has the daemon take it
 * in. Prints the run's id.
 */
export async function submit(input: string, flags: RunFlags): Promise<number> {
  const prepared = prepare(input, flags, existingPlace(flags));
  if (!prepared.ok) return refuse(prepared.error);
  const { plan, warnings, options, place, config, source } = prepared.value;
  warn(warnings);
  if (flags.dryRun === true) {
    out(printPlan(plan, flags.json === true ? 'json' : 'text', config));
    return EXIT.complete;
  }
  const missing = missingPrograms(plan, process.env.PATH ?? '');
  if (missing.length > 0)
    complain(`warning: not on this PATH: ${missing.join(', ')}; the daemon will look on its own`);
  const id = requestId();
  // Without a daemon nothing is written that nobody would fetch.
  const isUp = daemonSign(place.bus).up;
  if (isUp && plan.format === 'orchestrate') {
    const { prepareSession, stateOf } = await import('./session.js');
    await prepareSession(prepared.value, id, stateOf(place.bus));
  }
  const spooled = 'text' in source && isUp;
  const path = 'path' in source ? source.path : spooled ? spool(place.bus, id, source.text) : '-';
  const answer = await ask(place.bus, { do: 'submit', plan: path, options, spooled }, id);
  // Taken in, it is gone already; refused, nobody needs it any more.
  if (spooled) removeAll(path);
  if (!answer.ok || answer.run === undefined || flags.json === true) return tell(answer, flags);
  err(answer.message);
  out(`${answer.run}\n`);
  return EXIT.complete;
}
