import type { JournalledRecord } from '../../bus-schema/fact.js';
import type { RunId } from '../../bus-schema/ids.js';
import { decodeRecord } from './record-line.js';
import type { Segments } from './segments.js';

/** Pruned runs, each with the number of the record that says so: what stands before it about the run is of no more use. */
export type PrunedRuns = ReadonlyMap<string, number>;

/** How a record that prunes shows itself. Text within a record has its quotes escaped, so nothing else looks like it. */
const MARK = '"type":"RunsPruned"';

/**
 * Looks for the runs that a journal says were pruned, before it is read: their plans may be gone already. Reads no more
 * of it than the lines that say so.
 */
export function prunedRunsIn(segments: Segments, names: readonly string[]): Map<RunId, number> {
  const pruned = new Map<RunId, number>();
  for (const name of names) {
    const bytes = segments.read(name);
    for (let at = bytes.indexOf(MARK); at !== -1; at = bytes.indexOf(MARK, at)) {
      const from = bytes.lastIndexOf(10, at) + 1;
      const end = bytes.indexOf(10, at);
      // Without its end a line is torn, and says nothing.
      if (end === -1) break;
      noteIn(pruned, bytes.toString('utf8', from, end));
      at = end;
    }
  }
  return pruned;
}

function noteIn(pruned: Map<RunId, number>, line: string): void {
  const decoded = decodeRecord(line);
  if (decoded.kind !== 'record') return;
  for (const fact of decoded.record.facts)
    if (fact.type === 'RunsPruned') for (const run of fact.runs) pruned.set(run, decoded.record.seq);
}

/**
 * A record without what it says of pruned runs. What it says of others goes on to mean the same; only that a task waits
 * for an attempt of a pruned run is left out, since nothing would tell of the end of that attempt.
 */
export function withoutPruned(record: JournalledRecord, pruned: PrunedRuns): JournalledRecord {
  if (pruned.size === 0) return record;
  const facts = record.facts.filter((fact, index) => {
    const isGone = (run: string): boolean => isPruned(pruned, run, record, index);
    if ('run' in fact && fact.run !== undefined && isGone(fact.run)) return false;
    return fact.type !== 'TaskBlocked' || !isGone(runOfAttempt(fact.holder));
  });
  return facts.length === record.facts.length ? record : { ...record, facts };
}

/** Whether a run is pruned behind this place; under its id there may be another one later. */
function isPruned(pruned: PrunedRuns, run: string, { seq, facts }: JournalledRecord, index: number): boolean {
  const prunedAt = pruned.get(run);
  if (prunedAt !== seq) return prunedAt !== undefined && prunedAt > seq;
  return facts.some(
    (fact, at) => at > index && fact.type === 'RunsPruned' && fact.runs.some(each => each === run),
  );
}

/** `<run>.<ordinal>.<number>`; any other name is no attempt's. */
function runOfAttempt(holder: string): string {
  return holder.replace(/\.\d+\.\d+$/, '');
}
