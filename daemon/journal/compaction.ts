import type { JournalledRecord } from '../../bus-schema/fact.js';
import { prunedRunsIn } from './pruned-runs.js';
import { linesFrom } from './piecemeal.js';
import { isSuperseded, predecessor } from './read-journal.js';
import { decodeRecord, encodeAgain } from './record-line.js';
import type { Segments, StagedSegment } from './segments.js';
import { Sieve } from './sieve.js';

/** So much is read, and written and synced, at a step: a few milliseconds of somebody's time. */
const PIECE_BYTES = 256 * 1024;

/**
 * Writes all sealed segments of a journal anew, as one and without what is of no more use. Whatever a crash leaves is whole:
 *
 * 1. the new segment is made under a name that nobody reads, and synced;
 * 2. it is renamed to the name of the first that it stands for, and the folder synced. From here on it counts: its last
 *    record has the number of their last, so each reader passes over the others;
 * 3. only then the others are removed. The next daemon removes what a crash has left of them.
 *
 * The segment that is being written to is not among them, so a step may be taken between any two turns.
 */
export class Compaction {
  readonly #segments: Segments;
  readonly #old: readonly string[];
  readonly #pieceBytes: number;
  readonly #lines: Iterator<JournalledRecord[]>;
  #staged: StagedSegment | undefined;

  /** @param sealed the segments that change no more, the earliest first. */
  constructor(segments: Segments, sealed: readonly string[], pieceBytes = PIECE_BYTES) {
    this.#segments = segments;
    this.#old = sealed;
    this.#pieceBytes = pieceBytes;
    this.#lines = this.#sift();
  }

  /** Goes a step on. Answers whether there is more to do. What goes wrong before the new segment counts leaves all as it was. */
  step(): boolean {
    const [first, ...others] = this.#old;
    if (first === undefined) return false;
    this.#staged ??= this.#segments.stage();
    const next = this.#lines.next();
    if (next.done !== true) {
      this.#staged.append(next.value.map(encodeAgain).join(''));
      this.#staged.sync();
      return true;
    }
    this.#staged.place(first);
    this.#segments.remove(others);
    return false;
  }

  /** Nothing comes of it, if it has not come to its end. */
  abandon(): void {
    this.#staged?.discard();
  }

  /** The records that stay, those of one piece at a time. */
  *#sift(): Generator<JournalledRecord[]> {
    const sieve = new Sieve(prunedRunsIn(this.#segments, this.#old));
    let seq = 0;
    for (const name of this.#old) {
      if (isSuperseded(name, seq)) continue;
      for (const lines of linesFrom(this.#segments, name, 0, this.#pieceBytes)) {
        const kept: JournalledRecord[] = [];
        for (const line of lines) {
          const record = recordOn(line, name);
          if (predecessor(record) !== seq) throw new Error(`${name}: record ${record.seq} follows ${seq}`);
          ({ seq } = record);
          kept.push(...sieve.take(record));
        }
        yield kept;
      }
    }
    yield sieve.end();
  }
}

function recordOn(line: string, name: string): JournalledRecord {
  const decoded = decodeRecord(line);
  if (decoded.kind !== 'record') throw new Error(`a record of ${name} is damaged`);
  return decoded.record;
}
