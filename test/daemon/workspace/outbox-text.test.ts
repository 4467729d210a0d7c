import { describe, expect, test } from '@jest/globals';
import { readOutboxJson, readOutboxMarkdown } from '../../../daemon/workspace/outbox-text.js';

const short = (entries: ReturnType<typeof readOutboxJson>): unknown =>
  entries === 'cut'
    ? 'cut'
    : entries.map(({ task, end, text }) => `${task} ${end}${text === '' ? '' : `: ${text}`}`);

describe('an outbox of JSON', () => {
  test('with objects', () => {
    const text = JSON.stringify({
      worker_id: 'worker-1',
      timestamp: '2026-01-02T03:04:05Z',
      tasks_completed: [{ id: 'T001', status: 'success', duration_ms: 12, files_modified: ['a'] }],
      tasks_failed: [
        { id: 'T002', status: 'failed', error: 'file locked' },
        { task_id: 'T003', reason: 'no luck' },
      ],
    });
    expect(short(readOutboxJson(text))).toEqual([
      'T001 completed',
      'T002 failed: file locked',
      'T003 failed: no luck',
    ]);
  });

  test('with ids alone, and what is none passed over', () => {
    const text = '{"tasks_completed": ["T001", " T002 ", 7, null, {}, []], "tasks_failed": ["T003"]}';
    expect(short(readOutboxJson(text))).toEqual(['T001 completed', 'T002 completed', 'T003 failed']);
  });

  test('with one list only, or lists that are none', () => {
    expect(short(readOutboxJson('{"tasks_failed": ["a"], "tasks_completed": "b"}'))).toEqual(['a failed']);
    expect(short(readOutboxJson('{}'))).toEqual([]);
  });

  test.each([
    ['empty', ''],
    ['half written', '{"tasks_completed": ["T0'],
    ['a list', '[]'],
    ['too deep', `{"tasks_completed": ${'['.repeat(100_000)}`],
  ])('that is %s is not whole', (_what, text) => {
    expect(readOutboxJson(text)).toBe('cut');
  });

  test('entries that say the same are known as the same, however they are laid out', () => {
    const entry = { id: 'T1', status: 'failed', error: 'x' };
    const [plain] = readOutboxJson(JSON.stringify({ tasks_failed: [entry] }));
    const [spread] = readOutboxJson(JSON.stringify({ tasks_failed: [entry] }, null, 4));
    const [other] = readOutboxJson(JSON.stringify({ tasks_failed: [{ ...entry, error: 'y' }] }));
    expect(plain).toEqual(spread);
    expect(plain).not.toEqual(other);
  });
});

describe('an outbox of Markdown', () => {
  const known = new Set(['T001', 'T002', 'T003', 'T004', '1.2']);
  const read = (text: string): unknown => short(readOutboxMarkdown(text, word => known.has(word)));

  test('with headings and lists', () => {
    expect(
      read(`# Worker 1

## Completed Tasks
- [x] **T001**: did it
* T002 (12 s)
1. T009 of another run

## Failed
- T003: file locked by worker-2

## Notes
- T004 comes next
`),
    ).toEqual(['T001 completed', 'T002 completed', 'T003 failed: file locked by worker-2']);
  });

  test('with labels, and ids on the same line', () => {
    expect(read('**Completed:** T001, T002; 1.2.\n**Failed tasks**: T003 because of a timeout\n')).toEqual([
      'T001 completed',
      'T002 completed',
      '1.2 completed',
      'T003 failed: because of a timeout',
    ]);
  });

  test('with a table', () => {
    expect(read('Success:\n\n| id | time |\n| --- | --- |\n| T001 | 3 s |\n')).toEqual(['T001 completed']);
  });

  test('says nothing without a heading that says how they ended', () => {
    expect(read('- T001\n\n## In progress\n- T002\nFailed to find anything else\n- T003\n')).toEqual([]);
  });

  test('is read in time that grows with its length', () => {
    const hostile = [
      '*'.repeat(200_000),
      '#'.repeat(200_000),
      `**${' '.repeat(200_000)}`,
      '- '.repeat(200_000),
    ];
    expect(read(`## Failed\n${hostile.join('\n')}\n`)).toEqual([]);
  });
});
