import { watch } from 'node:fs';
import { join } from 'node:path';
import type { Diagnostic } from '../../bus-schema/diagnostic.js';
import { layout } from '../../bus-schema/layout.js';
import { ok, type Result } from '../../bus-schema/result.js';
import { EXIT } from './exit-codes.js';
import type { JsonFlags } from './flags.js';
import { Redraw } from './redraw.js';
import { lookAtBus, runIn, type Sight } from './sight.js';
import { statusJson } from './status-json.js';
import { statusText } from './status-text.js';
import { err, isTerminal, jsonText, out, outJson, refuse } from './terminal.js';
import type { Run } from '../scheduler/state.js';

export interface StatusFlags extends JsonFlags {
  readonly watch?: boolean;
}

interface Shown {
  readonly sight: Sight;
  readonly run: Run | undefined;
}

/** `signalbox status`: what the journal says now, with or without a daemon. */
export async function status(named: string | undefined, flags: StatusFlags): Promise<number> {
  const shown = look(named, flags);
  if (!shown.ok) return refuse([shown.error]);
  const { sight, run } = shown.value;
  const deaf = unwatchable(sight.place.bus);
  if (deaf !== undefined) err(deaf);
  if (flags.watch === true) return follow(named, flags);
  if (flags.json === true) outJson(statusJson(sight, run));
  else out(statusText(sight, run));
  return EXIT.complete;
}

function look(named: string | undefined, flags: StatusFlags): Result<Shown, Diagnostic> {
  const sight = lookAtBus(flags);
  if (!sight.ok) return sight;
  const run = named === undefined ? ok(undefined) : runIn(sight.value, named);
  return run.ok ? ok({ sight: sight.value, run: run.value }) : run;
}

/** Shows it anew whenever it is another; ends when the run that was named has, else by an interrupt. */
async function follow(named: string | undefined, flags: StatusFlags): Promise<number> {
  const live = isTerminal('out') && flags.json !== true;
  const redraw = new Redraw(live);
  let shownBefore = '';
  for (;;) {
    const began = performance.now();
    const shown = look(named, flags);
    if (!shown.ok) return refuse([shown.error]);
    const { sight, run } = shown.value;
    const text = flags.json === true ? `${jsonText(statusJson(sight, run))}\n` : statusText(sight, run);
    // Times grow all the while; in a pipe only news are printed again.
    const news = flags.json === true ? newsOf(statusJson(sight, run)) : statusText({ ...sight, at: 0 }, run);
    if (live || news !== shownBefore) redraw.show(text);
    shownBefore = news;
    if (run?.ended !== undefined) return EXIT.complete;
    // Reading a large journal takes time: never more than a fifth of ours.
    await redraw.pause(sight.place.bus, Math.max(250, (performance.now() - began) * 4), live ? 1000 : 5000);
  }
}

function newsOf(status: object): string {
  return JSON.stringify(status, (key, value: unknown) =>
    key === 'at' || key === 'elapsed_ms' ? undefined : value,
  );
}

/** Without a watch the daemon notices each event up to two seconds late, which somebody may wonder about. */
function unwatchable(bus: string): string | undefined {
  try {
    watch(join(bus, layout.events)).close();
    return undefined;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return `note: events cannot be watched here (${why}); they are looked for every 2 s`;
  }
}
