import type { Answer } from '../../bus-schema/command.js';
import { printable } from '../../bus-schema/printable.js';
import { ask, type Question } from './ask.js';
import { EXIT } from './exit-codes.js';
import type { JsonFlags } from './flags.js';
import { existingPlace } from './place.js';
import { complain, out, outJson, refuse } from './terminal.js';

export interface RetryFlags extends JsonFlags {
  readonly run?: string;
}

/** `signalbox cancel`. */
export function cancel(run: string, task: string | undefined, flags: JsonFlags): Promise<number> {
  return order({ do: 'cancel', run, ...(task === undefined ? {} : { task }) }, flags);
}

/** `signalbox retry`. */
export function retry(task: string, flags: RetryFlags): Promise<number> {
  return order({ do: 'retry', task, ...(flags.run === undefined ? {} : { run: flags.run }) }, flags);
}

/** `signalbox pause`. */
export function pause(run: string | undefined, flags: JsonFlags): Promise<number> {
  return order({ do: 'pause', ...(run === undefined ? {} : { run }) }, flags);
}

/** `signalbox resume`. */
export function resume(run: string | undefined, flags: JsonFlags): Promise<number> {
  return order({ do: 'resume', ...(run === undefined ? {} : { run }) }, flags);
}

async function order(question: Question, flags: JsonFlags): Promise<number> {
  const place = existingPlace(flags);
  if (!place.ok) return refuse([place.error]);
  return tell(await ask(place.value.bus, question), flags);
}

/** Prints the daemon's answer and says how the command ends. */
export function tell(answer: Answer, { json }: JsonFlags): number {
  const { ok, message, run, code } = answer;
  if (json === true) outJson({ ok, message, ...(run === undefined ? {} : { run }) });
  else if (ok) out(`${printable(message, 2000)}\n`);
  if (!ok) complain(message);
  return ok ? EXIT.complete : (code ?? EXIT.failed);
}
