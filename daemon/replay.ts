import { join } from 'node:path';
import type { Diagnostic } from '../bus-schema/diagnostic.js';
import type { JournalRecord } from '../bus-schema/fact.js';
import { layout } from '../bus-schema/layout.js';
import { fail, ok, type Result } from '../bus-schema/result.js';
import { readJournal, type JournalEnd } from './journal/read-journal.js';
import { SegmentFolder } from './journal/segments.js';
import { readStoredPlan } from './run-store.js';
import { evolve } from './scheduler/evolve.js';
import { emptyState, type State } from './scheduler/state.js';

export interface Replay {
  readonly state: State;
  readonly end: JournalEnd;
  /** Records that `keep` asked for. */
  readonly kept: readonly JournalRecord[];
}

/**
 * What a bus's journal says, read without being its daemon and without changing anything: for `status`, `explain`,
 * `doctor` and the start of a daemon.
 */
export function replay(
  bus: string,
  keep: (record: JournalRecord) => boolean = () => false,
): Result<Replay, Diagnostic> {
  const state = emptyState();
  const kept: JournalRecord[] = [];
  const folder = join(bus, layout.journal);
  const read = readJournal(
    new SegmentFolder(folder),
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
    file: `${join(folder, file)} (byte ${offset})`,
    message: `the journal is damaged: ${message}`,
    remedy,
  });
}
