import type { Fact, JournalledRecord, JournalRecord } from '../../bus-schema/fact.js';
import type { RunId } from '../../bus-schema/ids.js';
import { segmentFirstSeq } from '../../bus-schema/layout.js';
import type { Plan } from '../../bus-schema/plan.js';
import { fail, ok, type Result } from '../../bus-schema/result.js';
import { prunedRunsIn, withoutPruned, type PrunedRuns } from './pruned-runs.js';
import { decodeRecord } from './record-line.js';
import type { Segments } from './segments.js';

/** Where the journal ends: the last whole record. */
export interface JournalEnd {
  readonly seq: number;
  /** File name of the last segment; none in an empty journal. */
  readonly segment: string | undefined;
  /** Bytes of whole records in it. */
  readonly bytes: number;
  /** Bytes behind them that a crash left unfinished. */
  readonly tornBytes: number;
  /** Segments whose records stand in an earlier one by now; a crash left them. */
  readonly superseded?: readonly string[];
}

/** What a journal is made of, beside its records. */
export interface JournalRead extends JournalEnd {
  readonly pruned: PrunedRuns;
  /** Bytes of all records, and those of them that speak of pruned runs. */
  readonly size: number;
  readonly prunedSize: number;
}

/** Damage that no crash of ours explains. Nothing is guessed; a person has to look. */
export interface JournalDamage {
  /** Name of the segment. */
  readonly file: string;
  /** Byte offset of the line that does not fit. */
  readonly offset: number;
  readonly message: string;
  readonly remedy: string;
}

/** Fetches the plan that stands beside the journal, checked against its digest. */
export type PlanSource = (run: RunId, digest: string) => Result<Plan, string>;

/**
 * Reads a journal from the start and hands over each record in order, without what it says of pruned runs. Only the very
 * end may be unfinished: a line that is cut or damaged is forgiven when no whole record follows it.
 */
export function readJournal(
  segments: Segments,
  plans: PlanSource,
  take: (record: JournalRecord) => void,
): Result<JournalRead, JournalDamage> {
  const names = segments.names();
  const pruned = prunedRunsIn(segments, names);
  const weight = { size: 0, prunedSize: 0 };
  const superseded: string[] = [];
  let end: JournalEnd = { seq: 0, segment: undefined, bytes: 0, tornBytes: 0 };
  for (const [index, segment] of names.entries()) {
    if (isSuperseded(segment, end.seq)) {
      superseded.push(segment);
      continue;
    }
    const read = readSegment(
      { file: segment, bytes: segments.read(segment), pruned, plans, take, weight },
      end.seq,
    );
    if (!read.ok) return read;
    end = { ...read.value, segment };
    if (end.tornBytes > 0 && index < names.length - 1) {
      return damage(segment, end.bytes, 'a record in the middle of the journal is cut or damaged');
    }
  }
  return ok({ ...end, ...weight, superseded, pruned });
}

/**
 * Whether a segment's records have been read already, from one that took the place of several. Otherwise a segment begins
 * behind the record that the one before it ends with.
 */
export function isSuperseded(segment: string, seq: number): boolean {
  return (segmentFirstSeq(segment) ?? 0) <= seq;
}

/** The record before this one: the one of the number before, unless it says that those between were pruned. */
export const predecessor = ({
  seq,
  after = seq - 1,
}: {
  readonly seq: number;
  readonly after?: number | undefined;
}): number => Math.min(after, seq - 1);

interface Reading {
  readonly file: string;
  readonly bytes: Buffer;
  readonly pruned: PrunedRuns;
  readonly plans: PlanSource;
  readonly take: (record: JournalRecord) => void;
  readonly weight: { size: number; prunedSize: number };
}

function readSegment(
  { file, bytes, pruned, plans, take, weight }: Reading,
  before: number,
): Result<Omit<JournalEnd, 'segment'>, JournalDamage> {
  let seq = before;
  let offset = 0;
  for (let next = bytes.indexOf(10); next !== -1; next = bytes.indexOf(10, offset)) {
    const text = bytes.toString('utf8', offset, next);
    const line = decodeRecord(text);
    if (line.kind === 'foreign-version') {
      return damage(
        file,
        offset,
        `the record is of version ${String(line.version)}, which this signalbox does not know`,
        'Use the version of signalbox that wrote it',
      );
    }
    if (line.kind === 'damaged') {
      if (hidesRecord(text) || hasWholeRecord(bytes, next + 1))
        return damage(file, offset, `the record after number ${seq} is damaged`);
      break;
    }
    if (predecessor(line.record) !== seq)
      return damage(file, offset, `record ${line.record.seq} follows record ${seq}`);
    const kept = withoutPruned(line.record, pruned);
    const record = withPlans(kept, plans);
    if (!record.ok) return damage(file, offset, record.error, 'Put the plan back as it was, from a backup');
    take(record.value);
    const size = next + 1 - offset;
    weight.size += size;
    if (kept !== line.record) weight.prunedSize += size * (1 - kept.facts.length / line.record.facts.length);
    seq = line.record.seq;
    offset = next + 1;
  }
  return ok({ seq, bytes: offset, tornBytes: bytes.length - offset });
}

/** A crash damages only what was written last, so anything whole behind a damaged line shows that it was no crash. */
function hasWholeRecord(bytes: Buffer, from: number): boolean {
  let offset = from;
  for (let next = bytes.indexOf(10, offset); next !== -1; next = bytes.indexOf(10, offset)) {
    if (decodeRecord(bytes.toString('utf8', offset, next)).kind !== 'damaged') return true;
    offset = next + 1;
  }
  return false;
}

/** Whether a damaged line ends with a whole record: the line end between it and the one before is what was damaged. */
function hidesRecord(line: string): boolean {
  for (let at = line.indexOf('["', 1); at !== -1; at = line.indexOf('["', at + 1)) {
    if (decodeRecord(line.slice(at)).kind !== 'damaged') return true;
  }
  return false;
}

function withPlans(record: JournalledRecord, plans: PlanSource): Result<JournalRecord, string> {
  const facts: Fact[] = [];
  for (const fact of record.facts) {
    if (fact.type !== 'RunSubmitted') {
      facts.push(fact);
      continue;
    }
    const plan = plans(fact.run, fact.planDigest);
    if (!plan.ok) return plan;
    facts.push({ ...fact, plan: plan.value });
  }
  const { seq, after, at, wall } = record;
  return ok({ seq, at, wall, facts, ...(after === undefined ? {} : { after }) });
}

function damage(
  file: string,
  offset: number,
  message: string,
  remedy?: string,
): Result<never, JournalDamage> {
  return fail({
    file,
    offset,
    message,
    remedy:
      remedy ??
      'Restore the file from a backup, or move the whole bus away to begin anew; nothing was changed',
  });
}
