import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { FeedFile } from '../../../daemon/bus/feed-file.js';
import { FeedLines } from '../../../daemon/bus/feed-lines.js';
import { freshBus } from '../../fresh-folder.js';
import { until } from '../../until.js';

let place: ReturnType<typeof freshBus>;
let feed: FeedFile;
let lines: FeedLines;
let hints = 0;
beforeEach(() => {
  place = freshBus();
  feed = new FeedFile(place.bus);
  hints = 0;
  lines = new FeedLines(place.bus, feed, { isOurs: ({ source }) => source === 'us', onHint: () => hints++ });
});
afterEach(() => {
  lines.close();
  feed.close();
  place.remove();
});

const add = (text: string): void => appendFileSync(join(place.bus, 'queue.jsonl'), text);
const message = (type: string, payload: object, more: object = {}): string =>
  `${JSON.stringify({ id: 'msg-1', type, source: 'worker-1.1', timestamp: '2026-01-02T03:04:05.678901Z', payload, ...more })}\n`;

describe('a line of the feed that is not ours', () => {
  test.each([
    ['TASK_COMPLETE', { task_id: '1.1', commit_sha: 'abcdef1' }, { text: 'abcdef1' }],
    ['TASK_FAILED', { task_id: '1.1', error: 'no luck', stack_trace: '…' }, { text: 'no luck' }],
    ['PROGRESS', { task_id: '1.1', progress_pct: 40, current_subtask: 'x' }, { progress: 40 }],
    ['BLOCKED', { task_id: '1.1', waiting_for: '1.2', resource: 'src/a' }, {}],
  ])('%s is a drop', (type, payload, told) => {
    add(message(type, payload));
    expect(lines.collect()).toMatchObject([{ name: { type, id: '1.1' }, file: 'queue.jsonl', ...told }]);
    expect(lines.collect()).toEqual([]);
  });

  test.each([
    ['FILE_LOCK', 'FILE_LOCK_REQUEST'],
    ['FILE_UNLOCK', 'FILE_UNLOCK'],
  ])('%s tells of a file, and its writer by his name', (type, meant) => {
    add(message(type, { filepath: 'src/a' }));
    expect(lines.collect()).toMatchObject([
      { name: { type: meant }, paths: ['src/a'], worker: 'worker-1.1', isLine: true },
    ]);
  });

  test('that was there before us is as old as it says; one that comes now is new, whatever it says', () => {
    add(message('PROGRESS', { task_id: '1' }));
    expect(lines.collect()[0]?.mtimeMs).toBe(Date.parse('2026-01-02T03:04:05.678Z'));
    const before = Date.now();
    add(message('PROGRESS', { task_id: '1' }));
    expect(lines.collect()[0]?.mtimeMs).toBeGreaterThanOrEqual(before);
  });

  test.each([
    ['of ours', message('TASK_COMPLETE', { task_id: '1.1' }, { source: 'us' })],
    ['of another type', message('BOARD_VOTE', { task_id: '1.1' })],
    ['without a task', message('TASK_COMPLETE', {})],
    ['with a path for a task', message('TASK_COMPLETE', { task_id: '../x' })],
    ['that is no message', '{"a":1}\nrubbish\n[[[[\n'],
    ['that is too long', message('TASK_FAILED', { task_id: '1.1', error: 'x'.repeat(300_000) })],
  ])('%s is passed over', (_what, text) => {
    add(text + message('PROGRESS', { task_id: 'next' }));
    expect(lines.collect()).toMatchObject([{ name: { id: 'next' } }]);
  });

  test('cannot say that an attempt has ended: only its worker knows', () => {
    add(message('TASK_COMPLETE', { task_id: '1.1', token: '0'.repeat(32), outcome: { kind: 'complete' } }));
    expect(lines.collect()[0]).not.toHaveProperty('outcome');
  });

  test('wakes us; our own do not', async () => {
    lines.watch();
    feed.append([{ id: 1 }]);
    add(message('PROGRESS', { task_id: '1' }));
    await until(() => hints > 0);
    expect(lines.collect()).toHaveLength(1);
  });
});
