import type { Fact, JournalledRecord, JournalRecord } from '../../bus-schema/fact.js';
import type { RunId } from '../../bus-schema/ids.js';
import type { Plan } from '../../bus-schema/plan.js';
import { fail, ok, type Result } from '../../bus-schema/result.js';
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
 * Reads a journal from the start and hands over each record in order. Only the very end may be unfinished: a line that
 * is cut or damaged is forgiven when no whole record follows it.
 */
export function readJournal(
  segments: Segments,
  plans: PlanSource,
  take: (record: JournalRecord) => void,
): Result<JournalEnd, JournalDamage> {
  const names = segments.names();
  let end: JournalEnd = { seq: 0, segment: undefined, bytes: 0, tornBytes: 0 };
  for (const [index, segment] of names.entries()) {
    const read = readSegment(segment, segments.read(segment), end.seq, plans, take);
    if (!read.ok) return read;
    end = { ...read.value, segment };
    if (end.tornBytes > 0 && index < names.length - 1) {
      return damage(segment, end.bytes, 'a record in the middle of the journal is cut or damaged');
    }
  }
  return ok(end);
}

function readSegment(
  file: string,
  bytes: Buffer,
  before: number,
  plans: PlanSource,
  take: (record: JournalRecord) => void,
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
    if (line.record.seq !== seq + 1)
      return damage(file, offset, `record ${line.record.seq} follows record ${seq}`);
    const record = withPlans(line.record, plans);
    if (!record.ok) return damage(file, offset, record.error, 'Put the plan back as it was, from a backup');
    take(record.value);
    seq++;
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
  return ok({ seq: record.seq, at: record.at, wall: record.wall, facts });
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
