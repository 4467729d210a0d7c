import { join } from 'node:path';
import type { Diagnostic } from '../bus-schema/diagnostic.js';
import type { JournalRecord } from '../bus-schema/fact.js';
import { layout } from '../bus-schema/layout.js';
import { fail, ok, type Result } from '../bus-schema/result.js';
import { errorCode } from '../bus-schema/store/errors.js';
import { readJournal, type JournalRead } from './journal/read-journal.js';
import { SegmentFolder } from './journal/segments.js';
import { readStoredPlan } from './run-store.js';
import { evolve } from './scheduler/evolve.js';
import { emptyState, type State } from './scheduler/state.js';

export interface Replay {
  readonly state: State;
  readonly end: JournalRead;
  /** Records that `keep` asked for. */
  readonly kept: readonly JournalRecord[];
}

/** So often it is read again when it has become another meanwhile. */
const TRIES = 5;

/**
 * What a bus's journal says, read without being its daemon and without changing anything: for `status`, `explain`,
 * `doctor` and the start of a daemon. A daemon may prune and compact at that very moment; then what was read first and last
 * do not fit together, and it is read once more.
 */
export function replay(
  bus: string,
  keep: (record: JournalRecord) => boolean = () => false,
): Result<Replay, Diagnostic> {
  const segments = new SegmentFolder(join(bus, layout.journal));
  for (let left = TRIES; ; left--) {
    const before = looksOf(segments);
    const read = orGone(() => readOnce(bus, segments, keep));
    if (read?.ok === true) return read;
    const isOther = looksOf(segments) !== before;
    if (read !== undefined && (!isOther || left <= 1)) return read;
    if (read === undefined && left <= 1) throw new Error(`the journal of ${bus} never stands still`);
  }
}

/** By which it is seen that somebody writes to a journal. */
function looksOf(segments: SegmentFolder): string {
  return segments
    .names()
    .map(name => `${name} ${orGone(() => segments.sizeOf(name)) ?? 'gone'}`)
    .join('\n');
}

/** Undefined where a file that was there has gone. */
function orGone<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function readOnce(
  bus: string,
  segments: SegmentFolder,
  keep: (record: JournalRecord) => boolean,
): Result<Replay, Diagnostic> {
  const state = emptyState();
  const kept: JournalRecord[] = [];
  const read = readJournal(
    segments,
    (run, digest) => readStoredPlan(bus, run, digest),
    record => {
      evolve(state, record);
      if (keep(record)) kept.push(record);
    },
  );
  if (read.ok) return ok({ state, end: read.value, kept });
  const { file, offset, message, remedy } = read.error;
  return fail({
    severity: 'error',
    file: `${join(bus, layout.journal, file)} (byte ${offset})`,
    message: `the journal is damaged: ${message}`,
    remedy,
  });
}
