import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { appendFileSync, readdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { journalRecordSchema, type JournalRecord } from '../../../bus-schema/fact.js';
import type { RunId } from '../../../bus-schema/ids.js';
import type { Plan } from '../../../bus-schema/plan.js';
import { fail, ok } from '../../../bus-schema/result.js';
import { FileJournal } from '../../../daemon/journal/journal.js';
import { SegmentFolder } from '../../../daemon/journal/segments.js';
import { readJournal, type JournalEnd } from '../../../daemon/journal/read-journal.js';
import { decodeRecord, encodeRecord } from '../../../daemon/journal/record-line.js';
import { freshFolder } from '../../fresh-folder.js';
import { aPlan, SchedulerRig } from '../scheduler/rig.js';

let folder: ReturnType<typeof freshFolder>;
beforeEach(() => {
  folder = freshFolder();
});
afterEach(() => folder.remove());

const plan = aPlan([{ id: 'a' }, { id: 'b', needs: ['a'] }]);
const plans = (run: RunId): ReturnType<typeof ok<Plan>> | ReturnType<typeof fail<string>> =>
  run === 'run-1' ? ok(plan) : fail(`no plan of ${run}`);

/** The records of a small run, as the scheduler really makes them. */
function someRecords(): JournalRecord[] {
  const rig = new SchedulerRig();
  rig.submit(plan);
  rig.complete('a');
  rig.complete('b');
  return rig.records;
}

function read(): { end: JournalEnd; records: JournalRecord[] } {
  const records: JournalRecord[] = [];
  const end = readJournal(new SegmentFolder(folder.path), plans, record => records.push(record));
  if (!end.ok) throw new Error(end.error.message);
  return { end: end.value, records };
}

function write(records: readonly JournalRecord[]): string {
  const journal = new FileJournal(new SegmentFolder(folder.path), read().end);
  journal.append(records);
  journal.sync();
  journal.close();
  return join(folder.path, readdirSync(folder.path)[0] ?? '');
}

describe('a record on its line', () => {
  test('comes back as it was, and fits the schema', () => {
    for (const record of someRecords()) {
      const decoded = decodeRecord(encodeRecord(record).trimEnd());
      if (decoded.kind !== 'record') throw new Error(decoded.kind);
      expect(journalRecordSchema.parse(decoded.record)).toEqual(decoded.record);
      expect(decoded.record.seq).toBe(record.seq);
    }
  });

  test('is JSON whose third element is the record', () => {
    const [record] = someRecords();
    if (record === undefined) throw new Error('no record');
    expect((JSON.parse(encodeRecord(record)) as unknown[])[2]).toMatchObject({
      seq: 1,
      facts: [{ type: 'DaemonStarted' }],
    });
  });

  test('any changed bit is seen', () => {
    const [record] = someRecords();
    if (record === undefined) throw new Error('no record');
    const line = Buffer.from(encodeRecord(record).trimEnd());
    for (let at = 0; at < line.length; at++) {
      const damaged = Buffer.from(line);
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      expect(decodeRecord(damaged.toString()).kind).toBe('damaged');
    }
  });
});

describe('a journal', () => {
  test('gives back what was appended, plans put in again', () => {
    const records = someRecords();
    write(records);
    expect(read().records).toEqual(records);
  });

  test('cut anywhere in its last record, it ends before that record and goes on from there', () => {
    const records = someRecords();
    const file = write(records);
    const whole = readFileSync(file);
    const lastStart = whole.lastIndexOf(10, whole.length - 2) + 1;
    for (let size = lastStart + 1; size < whole.length; size += 7) {
      writeFileSync(file, whole);
      truncateSync(file, size);
      const before = read();
      expect(before.records).toHaveLength(records.length - 1);
      expect(before.end.tornBytes).toBe(size - lastStart);
      write(records.slice(-1));
      expect(read().records).toEqual(records);
    }
  });

  test.each([
    ['zeros', Buffer.alloc(300)],
    ['noise', Buffer.from('\u0001\n[garbage\n["12345678",3,{}]\n')],
    ['half a record', Buffer.from('["0badcafe",120,{"v":1,"seq":')],
  ])('with %s behind its last record, that is cut off', (_what, tail) => {
    const records = someRecords();
    const file = write(records);
    appendFileSync(file, tail);
    expect(read().records).toEqual(records);
    expect(read().end.tornBytes).toBe(tail.length);
    write([]);
    expect(read().end.tornBytes).toBe(0);
  });

  test('damaged before a whole record, it is refused with the place and what to do, and left as it is', () => {
    const file = write(someRecords());
    const bytes = readFileSync(file);
    const secondLine = bytes.indexOf(10) + 1;
    bytes[secondLine + 30] = (bytes[secondLine + 30] ?? 0) ^ 1;
    writeFileSync(file, bytes);
    const result = readJournal(new SegmentFolder(folder.path), plans, () => undefined);
    if (result.ok) throw new Error('it was accepted');
    expect(result.error).toMatchObject({ file: '000000000001.jsonl', offset: secondLine });
    expect(result.error.message).toContain('record after number 1 is damaged');
    expect(result.error.remedy).toContain('backup');
    expect(readFileSync(file)).toEqual(bytes);
  });

  test('with a record missing in the middle, it is refused', () => {
    const file = write(someRecords());
    const lines = readFileSync(file, 'utf8').split('\n');
    writeFileSync(file, [lines[0], ...lines.slice(2)].join('\n'));
    const result = readJournal(new SegmentFolder(folder.path), plans, () => undefined);
    expect(result.ok ? '' : result.error.message).toContain('record 3 follows record 1');
  });

  test('of another version, it is refused', () => {
    const body = '{"v":99,"seq":1,"at":1,"wall":"","facts":[]}';
    const line = `["${crc32(body).toString(16).padStart(8, '0')}",${body.length},${body}]\n`;
    writeFileSync(join(folder.path, '000000000001.jsonl'), line);
    const result = readJournal(new SegmentFolder(folder.path), plans, () => undefined);
    expect(result.ok ? '' : result.error.message).toContain('version 99');
  });

  test('whose plan is missing, it is refused by the plan’s name', () => {
    const rig = new SchedulerRig();
    rig.submit(plan, 'run-9');
    write(rig.records);
    const result = readJournal(new SegmentFolder(folder.path), plans, () => undefined);
    expect(result.ok ? '' : result.error.message).toBe('no plan of run-9');
  });
});

test('a folder that cannot be read is not taken for one without a journal', () => {
  const looped = join(folder.path, 'looped');
  symlinkSync(looped, looped);
  expect(() => new SegmentFolder(looped).names()).toThrow('ELOOP');
  expect(new SegmentFolder(join(folder.path, 'none')).names()).toEqual([]);
});
