import { segmentFirstSeq } from '../../bus-schema/layout.js';
import { linesFrom, placeBefore } from './piecemeal.js';
import { decodeRecord } from './record-line.js';
import type { SegmentFolder } from './segments.js';

const PIECE_BYTES = 1024 ** 2;

/**
 * The facts of one run, a record a line, as plain JSON: for whoever wants to know what happened, kept with the run. What
 * was before the run is not read, however old the bus is.
 * @param since number of the record that took the run in.
 */
export function extractRun(segments: SegmentFolder, run: string, since: number): string {
  const lines: string[] = [];
  const names = segments.names();
  const first = Math.max(
    0,
    names.findLastIndex(name => (segmentFirstSeq(name) ?? 0) <= since),
  );
  for (const [index, name] of names.slice(first).entries()) {
    const from = index === 0 ? placeBefore(segments, name, segments.sizeOf(name), since) : 0;
    for (const piece of linesFrom(segments, name, from, PIECE_BYTES))
      for (const line of piece) lines.push(...factsOn(line, run, since));
  }
  return lines.map(line => `${line}\n`).join('');
}

function factsOn(line: string, run: string, since: number): string[] {
  if (!line.includes(`"${run}"`)) return [];
  const decoded = decodeRecord(line);
  // Under its id there may have been another, which was pruned.
  if (decoded.kind !== 'record' || decoded.record.seq < since) return [];
  const facts = decoded.record.facts.filter(fact => 'run' in fact && fact.run === run);
  return facts.length === 0 ? [] : [JSON.stringify({ ...decoded.record, facts })];
}
