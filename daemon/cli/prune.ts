import { join } from 'node:path';
import type { Diagnostic } from '../../bus-schema/diagnostic.js';
import { LONGEST_AGE_MS, parseDuration } from '../../bus-schema/duration.js';
import type { RunId } from '../../bus-schema/ids.js';
import { layout } from '../../bus-schema/layout.js';
import { printable } from '../../bus-schema/printable.js';
import { fail, ok, type Result } from '../../bus-schema/result.js';
import { prunable, whyNotPruned, type PruneWish } from '../projections/prunable.js';
import type { Run } from '../scheduler/state.js';
import { ask } from './ask.js';
import { EXIT } from './exit-codes.js';
import { bytesBelow, formatBytes } from './folder-size.js';
import type { JsonFlags } from './flags.js';
import { lookAtBus, runIn, type Sight } from './sight.js';
import { complain, out, outJson, refuse } from './terminal.js';

export interface PruneFlags extends JsonFlags {
  readonly keep?: string;
  readonly olderThan?: string;
  readonly dryRun?: boolean;
}

/** A command may name so many; of more there are several. */
const MOST_AT_ONCE = 500;

/** A run with the bytes of all its files. */
interface Sized {
  readonly run: Run;
  readonly bytes: number;
}

/** `signalbox prune`: forgets finished runs, with or without a daemon. Without a choice it only says which there are. */
export async function prune(named: readonly string[], flags: PruneFlags): Promise<number> {
  const wish = wishOf(named, flags);
  if (!wish.ok) return refuse(wish.error);
  const sight = lookAtBus(flags);
  if (!sight.ok) return refuse([sight.error]);
  const chosen =
    named.length > 0
      ? runsNamed(sight.value, named)
      : ok(prunable(sight.value.state, wish.value, Date.now()));
  if (!chosen.ok) return refuse(chosen.error);
  const { bus } = sight.value.place;
  const sized = chosen.value.map(run => ({ run, bytes: bytesBelow(join(bus, layout.run(run.id))) }));
  const isChoice = named.length > 0 || flags.keep !== undefined || flags.olderThan !== undefined;
  if (flags.dryRun === true || !isChoice) {
    show(sized, false, flags);
    if (flags.dryRun === true) return EXIT.complete;
    complain(
      'nothing was pruned: name runs, or say which with --keep or --older-than (--keep 0 means all of these)',
    );
    return EXIT.usage;
  }
  const pruned = new Set<RunId>();
  const code = await carryOut(
    sight.value,
    sized.map(({ run }) => run.id),
    pruned,
  );
  // What has gone is said even when the rest has not.
  if (code === EXIT.complete || pruned.size > 0)
    show(
      sized.filter(({ run }) => pruned.has(run.id)),
      true,
      flags,
    );
  return code;
}

/** By the daemon if there is one; otherwise by ourselves, in its place. */
async function carryOut({ place, sign }: Sight, runs: readonly RunId[], pruned: Set<RunId>): Promise<number> {
  for (let from = 0; from < runs.length; from += MOST_AT_ONCE) {
    const some = runs.slice(from, from + MOST_AT_ONCE);
    if (sign.up) {
      const answer = await ask(place.bus, { do: 'prune', runs: some });
      if (!answer.ok) {
        complain(answer.message);
        return answer.code ?? EXIT.failed;
      }
      for (const run of some) pruned.add(run);
      continue;
    }
    const { pruneAlone } = await import('../prune-alone.js');
    const done = await pruneAlone(place.bus, some);
    if (!done.ok && done.error.kind === 'unusable') return refuse([done.error.diagnostic]);
    if (!done.ok) {
      complain('a daemon has just taken the bus; ask once more');
      return EXIT.busy;
    }
    for (const run of done.value) pruned.add(run);
  }
  return EXIT.complete;
}

function wishOf(named: readonly string[], { keep, olderThan }: PruneFlags): Result<PruneWish, Diagnostic[]> {
  const wrong = (flag: string, message: string): Diagnostic => ({ severity: 'error', file: flag, message });
  const problems: Diagnostic[] = [];
  if (named.length > 0 && (keep !== undefined || olderThan !== undefined))
    problems.push(wrong('prune', 'runs are named, or chosen by --keep and --older-than, not both'));
  if (keep !== undefined && !/^\d{1,9}$/.test(keep))
    problems.push(wrong('--keep', `"${keep}" is no number of runs; give 0 or more`));
  const age = olderThan === undefined ? undefined : parseDuration(olderThan, 'refused', LONGEST_AGE_MS);
  if (age?.ok === false) problems.push(wrong('--older-than', age.error));
  if (problems.length > 0) return fail(problems);
  return ok({
    keep: keep === undefined ? undefined : Number(keep),
    olderThanMs: age?.ok === true ? age.value : undefined,
  });
}

function runsNamed(sight: Sight, named: readonly string[]): Result<Run[], Diagnostic[]> {
  const runs = new Set<Run>();
  const problems: Diagnostic[] = [];
  for (const name of named) {
    const found = runIn(sight, name);
    const why = found.ok ? whyNotPruned(found.value) : undefined;
    if (!found.ok) problems.push(found.error);
    else if (why === undefined) runs.add(found.value);
    else
      problems.push({
        severity: 'error',
        file: sight.place.bus,
        message: why,
        remedy: `Let it finish, or end it first with: signalbox cancel ${found.value.id}`,
      });
  }
  return problems.length > 0 ? fail(problems) : ok([...runs]);
}

function show(sized: readonly Sized[], isDone: boolean, flags: PruneFlags): void {
  const bytes = sized.reduce((sum, each) => sum + each.bytes, 0);
  if (flags.json === true) {
    const runs = sized.map(each => ({
      run: each.run.id,
      name: each.run.plan.name,
      verdict: each.run.ended?.verdict,
      ended: each.run.ended?.wall,
      bytes: each.bytes,
    }));
    outJson({ pruned: isDone, bytes, runs });
    return;
  }
  for (const each of sized)
    out(
      `${isDone ? 'pruned' : 'could be pruned'}  ${each.run.id}  ${printable(each.run.plan.name, 40)}  ${each.run.ended?.verdict ?? ''} ${each.run.ended?.wall ?? ''}  ${formatBytes(each.bytes)}\n`,
    );
  const count = `${sized.length} ${sized.length === 1 ? 'run' : 'runs'}`;
  out(`${count}, ${formatBytes(bytes)} ${isDone ? 'freed' : 'in their folders'}\n`);
}
