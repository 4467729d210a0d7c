import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JournalRecord } from '../../../bus-schema/fact.js';
import { ok, type Result } from '../../../bus-schema/result.js';
import { FileJournal } from '../../../daemon/journal/journal.js';
import { readJournal, type JournalDamage, type JournalEnd } from '../../../daemon/journal/read-journal.js';
import { SegmentFolder } from '../../../daemon/journal/segments.js';
import { freshFolder } from '../../fresh-folder.js';
import { aPlan, SchedulerRig } from '../scheduler/rig.js';

const plan = aPlan([{ id: 'a' }, { id: 'b', needs: ['a'] }]);
const FILE = '000000000001.jsonl';

let folder: ReturnType<typeof freshFolder>;
let records: readonly JournalRecord[];
/** The journal as it was written. */
let whole: Buffer;

beforeEach(() => {
  folder = freshFolder();
  const rig = new SchedulerRig();
  rig.submit(plan);
  rig.complete('a');
  rig.complete('b');
  ({ records } = rig);
  goOn(records);
  whole = readFileSync(join(folder.path, FILE));
});
afterEach(() => folder.remove());

interface Read {
  readonly result: Result<JournalEnd, JournalDamage>;
  readonly seen: readonly JournalRecord[];
}

function read(): Read {
  const seen: JournalRecord[] = [];
  const result = readJournal(
    new SegmentFolder(folder.path),
    () => ok(plan),
    record => seen.push(record),
  );
  if (!result.ok) return { result, seen };
  const { seq, segment, bytes, tornBytes } = result.value;
  return { result: ok({ seq, segment, bytes, tornBytes }), seen };
}

function lay(bytes: Buffer): void {
  writeFileSync(join(folder.path, FILE), bytes);
}

/** What a daemon does: reads to the end, cuts what is torn, and writes behind it. */
function goOn(more: readonly JournalRecord[]): void {
  const { result } = read();
  if (!result.ok) throw new Error(result.error.message);
  const journal = new FileJournal(new SegmentFolder(folder.path), result.value);
  journal.append(more);
  journal.sync();
  journal.close();
}

/** Offsets at which the records begin. */
function starts(): number[] {
  const found = [0];
  for (let at = whole.indexOf(10); at !== -1 && at < whole.length - 1; at = whole.indexOf(10, at + 1))
    found.push(at + 1);
  return found;
}

describe('the end of a journal', () => {
  test('cut at each byte of the last record, it ends before that and takes it once more', () => {
    const last = starts().at(-1) ?? 0;
    for (let size = last; size < whole.length; size++) {
      lay(whole.subarray(0, size));
      expect(read()).toEqual({
        result: ok({ seq: records.length - 1, segment: FILE, bytes: last, tornBytes: size - last }),
        seen: records.slice(0, -1),
      });
      goOn(records.slice(-1));
      expect(readFileSync(join(folder.path, FILE)).equals(whole)).toBe(true);
    }
  });

  test('with zeros or anything else behind it, that is cut off and nothing before it', () => {
    const tail = fc.oneof(
      fc.integer({ min: 1, max: 4096 }).map(length => Buffer.alloc(length)),
      fc.uint8Array({ minLength: 1, maxLength: 4096 }).map(bytes => Buffer.from(bytes)),
      // What a crash leaves of a record that came last: any part of one, from the front.
      fc.nat({ max: whole.length - 1 }).map(cut => whole.subarray(0, Math.min(cut, (starts()[1] ?? 1) - 1))),
    );
    fc.assert(
      fc.property(tail, garbage => {
        lay(Buffer.concat([whole, garbage]));
        expect(read()).toEqual({
          result: ok({
            seq: records.length,
            segment: FILE,
            bytes: whole.length,
            tornBytes: garbage.length,
          }),
          seen: records,
        });
        goOn([]);
        expect(readFileSync(join(folder.path, FILE)).equals(whole)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });
});

describe('damage before the last record', () => {
  test('is refused wherever the byte is, with the file and the offset of its record, and nothing is changed', () => {
    const begins = starts();
    const last = begins.at(-1) ?? 0;
    fc.assert(
      fc.property(fc.nat({ max: last - 1 }), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        expectRefused(at, flip, begins);
      }),
      { numRuns: 300 },
    );
  });

  test('is refused in each of the records, at its first byte, in its middle and at its line end', () => {
    const begins = starts();
    for (const [index, begin] of begins.slice(0, -1).entries()) {
      const next = begins[index + 1] ?? whole.length;
      for (const at of [begin, Math.floor((begin + next) / 2), next - 1]) expectRefused(at, 1, begins);
    }
  });

  test('is refused where a line end is gone, also that before the last record', () => {
    const begins = starts();
    for (const [index, begin] of begins.entries()) {
      if (index === 0) continue;
      lay(Buffer.concat([whole.subarray(0, begin - 1), whole.subarray(begin)]));
      expect(read().result).toMatchObject({ ok: false, error: { file: FILE, offset: begins[index - 1] } });
    }
  });
});

function expectRefused(at: number, flip: number, begins: readonly number[]): void {
  const damaged = Buffer.from(whole);
  damaged[at] = (damaged[at] ?? 0) ^ flip;
  lay(damaged);
  const { result, seen } = read();
  const index = begins.findLastIndex(begin => begin <= at);
  expect(result).toMatchObject({ ok: false, error: { file: FILE, offset: begins[index] } });
  expect(seen).toEqual(records.slice(0, index));
  expect(readFileSync(join(folder.path, FILE)).equals(damaged)).toBe(true);
}
