import type { JournalRecord } from '../../bus-schema/fact.js';
import { segmentName } from '../../bus-schema/layout.js';
import { errorCode, Hindrance } from '../../bus-schema/store/errors.js';
import type { Journal } from '../ports.js';
import { encodeRecord } from './record-line.js';
import type { JournalEnd } from './read-journal.js';
import type { Segment, Segments } from './segments.js';

/** A segment that is larger is followed by a new one. */
const SEGMENT_BYTES = 64 * 1024 ** 2;

/**
 * The facts of all runs, appended. Records of one turn are written by one call and made durable by one sync; nothing
 * may act on them before. An error of `append` or `sync` is final: what the kernel could not write it may have
 * forgotten, so the daemon must end and read the journal anew.
 */
export class FileJournal implements Journal {
  readonly #segments: Segments;
  readonly #segmentBytes: number;
  #segment: Segment;
  #bytes: number;
  /** Number of the last record. */
  #seq: number;

  /** @param end where reading the journal ended; a torn tail behind it is cut off. */
  constructor(segments: Segments, end: JournalEnd, segmentBytes = SEGMENT_BYTES) {
    this.#segments = segments;
    this.#segmentBytes = segmentBytes;
    this.#segment = segments.open(end.segment ?? segmentName(end.seq + 1));
    if (this.#segment.size > end.bytes) this.#segment.cut(end.bytes);
    // What was read may be in the kernel's memory only, if the daemon before us was killed: nothing may act on it yet.
    else this.#segment.sync();
    // The name of the one that stands for them is durable since the folder was synced, and not before.
    segments.remove(end.superseded ?? []);
    this.#bytes = end.bytes;
    this.#seq = end.seq;
  }

  append(records: readonly JournalRecord[]): void {
    const first = records[0];
    if (first === undefined) return;
    if (this.#bytes > this.#segmentBytes) this.#nextSegment(first.seq);
    const text = records.map(encodeRecord).join('');
    orHindered(() => {
      this.#segment.append(text);
    });
    this.#bytes += Buffer.byteLength(text);
    this.#seq = records.at(-1)?.seq ?? this.#seq;
  }

  sync(): void {
    orHindered(() => {
      this.#segment.sync();
    });
  }

  /** Ends the segment that is written to, unless it is empty, so that whatever stands in the journal by now changes no more. */
  seal(): void {
    if (this.#bytes > 0)
      orHindered(() => {
        this.#nextSegment(this.#seq + 1);
      });
  }

  close(): void {
    this.#segment.close();
  }

  #nextSegment(firstSeq: number): void {
    this.#segment.sync();
    this.#segment.close();
    this.#segment = this.#segments.open(segmentName(firstSeq));
    this.#bytes = 0;
  }
}

/** What a system call refuses is said in words that tell how to go on. */
function orHindered(write: () => void): void {
  try {
    write();
  } catch (error) {
    if (errorCode(error) === undefined || !(error instanceof Error)) throw error;
    throw new Hindrance(
      `the journal cannot be written (${error.message}): the daemon ends, what runs goes on, and nothing that was decided is lost`,
      { cause: error },
    );
  }
}
