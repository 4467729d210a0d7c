import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { JournalRecord } from '../../../bus-schema/fact.js';
import type { RunId } from '../../../bus-schema/ids.js';
import { extractRun } from '../../../daemon/journal/extract.js';
import { FileJournal } from '../../../daemon/journal/journal.js';
import { SegmentFolder } from '../../../daemon/journal/segments.js';
import { freshFolder } from '../../fresh-folder.js';
import { aPlan, SchedulerRig } from '../scheduler/rig.js';

let folder: ReturnType<typeof freshFolder>;
beforeEach(() => {
  folder = freshFolder();
});
afterEach(() => folder.remove());

const EMPTY = { seq: 0, segment: undefined, bytes: 0, tornBytes: 0 };

/** So many runs, one after the other, two of them at once. */
function lived(count: number): SchedulerRig {
  const rig = new SchedulerRig();
  const plan = aPlan([{ id: 'a' }, { id: 'b', needs: ['a'] }]);
  for (let run = 1; run <= count; run += 2) {
    rig.submit(plan, `run-${run}`);
    rig.submit(plan, `run-${run + 1}`);
    for (const attempt of ['a', 'a', 'b', 'b']) rig.complete(attempt);
  }
  return rig;
}

const factsOf = (records: readonly JournalRecord[], run: string): string[] =>
  records.flatMap(({ facts }) =>
    facts.flatMap(fact => ('run' in fact && fact.run === run ? [fact.type as string] : [])),
  );

test.each([
  ['one large segment', 64 * 1024 ** 2],
  ['many small ones', 20_000],
])('of %s it gives a run’s own facts, all of them, wherever they stand', (_what, segmentBytes) => {
  const rig = lived(300);
  const journal = new FileJournal(new SegmentFolder(folder.path), EMPTY, segmentBytes);
  for (const record of rig.records) journal.append([record]);
  journal.close();
  for (const number of [1, 2, 3, 149, 150, 299, 300]) {
    const run = `run-${number}`;
    const text = extractRun(new SegmentFolder(folder.path), run, rig.state.runs.get(run as RunId)?.seq ?? 0);
    const extracted = text
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as JournalRecord);
    expect(factsOf(extracted, run)).toEqual(factsOf(rig.records, run));
    expect(extracted.flatMap(({ facts }) => facts)).toHaveLength(factsOf(rig.records, run).length);
  }
});

/** Counts the bytes that are read. */
class CountingFolder extends SegmentFolder {
  count = 0;

  override readPiece(name: string, offset: number, bytes: number): Buffer {
    const piece = super.readPiece(name, offset, bytes);
    this.count += piece.length;
    return piece;
  }
}

test('what stands before the run is not read', () => {
  const rig = lived(600);
  const segments = new CountingFolder(folder.path);
  const journal = new FileJournal(segments, EMPTY);
  for (const record of rig.records) journal.append([record]);
  journal.close();
  const [name = ''] = segments.names();
  expect(segments.sizeOf(name)).toBeGreaterThan(600_000);
  expect(extractRun(segments, 'run-600', rig.state.runs.get('run-600' as RunId)?.seq ?? 0)).not.toBe('');
  expect(segments.count).toBeLessThan(150_000);
});
