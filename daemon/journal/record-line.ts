import { crc32 } from 'node:zlib';
import type { Fact, JournalledRecord, JournalRecord } from '../../bus-schema/fact.js';
import {
  FACT_VERSION,
  isKnownVersion,
  PRUNED_VERSION,
  type FactVersion,
} from '../../bus-schema/fact-version.js';

/**
 * One record a line, and each line is JSON: `["<checksum>",<length>,<record>]`, so that `jq .[2]` reads a journal. Length
 * (of the record, in bytes) and CRC-32 tell a whole line from a torn or damaged one.
 */
export function encodeRecord(record: JournalRecord): string {
  const facts = record.facts.map(fact => {
    if (fact.type !== 'RunSubmitted') return fact;
    const { plan: _beside, ...kept } = fact;
    return kept;
  });
  const { seq, at, wall } = record;
  return lineOf(JSON.stringify({ v: versionOf(record), seq, at, wall, facts }));
}

/** The same of a record that was read from a journal, plans taken out already. */
export function encodeAgain(record: Omit<JournalledRecord, 'v'>): string {
  const { seq, after, at, wall, facts } = record;
  return lineOf(JSON.stringify({ v: versionOf(record), seq, after, at, wall, facts }));
}

/** The least version of this program's records that knows what this one speaks of. */
function versionOf(record: Numbered): FactVersion {
  const isOfPruned = record.after !== undefined || record.facts.some(({ type }) => type === 'RunsPruned');
  return isOfPruned ? PRUNED_VERSION : FACT_VERSION;
}

interface Numbered {
  readonly after?: number | undefined;
  readonly facts: readonly { readonly type: Fact['type'] }[];
}

function lineOf(body: string): string {
  return `["${checksum(body)}",${Buffer.byteLength(body)},${body}]\n`;
}

export type DecodedLine =
  | { readonly kind: 'record'; readonly record: JournalledRecord }
  /** Not a whole line of ours: torn when it is the last one, damage anywhere else. */
  | { readonly kind: 'damaged' }
  | { readonly kind: 'foreign-version'; readonly version: unknown };

/**
 * Reads a line without its line end. A record whose checksum fits was written by this program, so it is not held against
 * the schema again: that would triple the time of a recovery. `doctor` does hold it.
 */
export function decodeRecord(line: string): DecodedLine {
  const match = /^\["([0-9a-f]{8})",(\d+),/.exec(line.slice(0, 40));
  if (match === null || !line.endsWith(']')) return { kind: 'damaged' };
  const body = line.slice(match[0].length, -1);
  if (Buffer.byteLength(body) !== Number(match[2]) || checksum(body) !== match[1]) return { kind: 'damaged' };
  const record = JSON.parse(body) as JournalledRecord;
  // What another version wrote is whole too, and yet nothing that we know.
  const version: number = record.v;
  return isKnownVersion(version) ? { kind: 'record', record } : { kind: 'foreign-version', version };
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}
