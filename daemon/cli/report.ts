import { reportMarkdown } from '../projections/report-text.js';
import { runReport } from '../projections/run-report.js';
import { EXIT } from './exit-codes.js';
import type { JsonFlags } from './flags.js';
import { lookAtBus, runIn } from './sight.js';
import { out, outJson, refuse } from './terminal.js';

/** `signalbox report`: how a run ended, made from the journal, whether its report files still stand or not. */
export function report(named: string | undefined, flags: JsonFlags): Promise<number> {
  const sight = lookAtBus(flags);
  if (!sight.ok) return Promise.resolve(refuse([sight.error]));
  const { state, place } = sight.value;
  const latest = [...state.runs.values()].filter(each => each.ended !== undefined).at(-1);
  const found = named === undefined ? undefined : runIn(sight.value, named);
  if (found?.ok === false) return Promise.resolve(refuse([found.error]));
  const run = found?.value ?? latest;
  if (run?.ended === undefined) {
    const message = run === undefined ? 'no run has ended yet' : `run ${run.id} has not ended yet`;
    const remedy = 'How it stands says `signalbox status`';
    return Promise.resolve(refuse([{ severity: 'error', file: place.bus, message, remedy }]));
  }
  const made = runReport(run, run.ended);
  if (flags.json === true) outJson(made);
  else out(reportMarkdown(made));
  return Promise.resolve(EXIT.complete);
}
