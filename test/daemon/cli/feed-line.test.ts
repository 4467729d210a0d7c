import { describe, expect, test } from '@jest/globals';
import { feedLine, readMessage } from '../../../daemon/cli/feed-line.js';

const line = (payload: object, type = 'TASK_COMPLETE'): string =>
  JSON.stringify({ id: '1.0', type, source: 'signalbox', timestamp: '2026-08-01T10:15:02.000Z', payload });
const shown = (text: string): string => feedLine(readMessage(text), text);

describe('a line of the feed for a person', () => {
  test('says when, what, whom, and the rest in words', () => {
    const text = shown(
      line({ task_id: '1.2', run_id: 'r', worker_id: 'worker-1', duration_ms: 3200, attempt: 2 }),
    );
    expect(text).toMatch(/^\d\d:\d\d:02 {2}TASK_COMPLETE {6}1\.2 {2}worker-1, attempt 2, 3\.2s$/);
  });

  test('an error goes before a title', () => {
    expect(shown(line({ task_id: 'a', title: 'Build', error: 'exit code 3' }, 'TASK_FAILED'))).toMatch(
      /exit code 3$/,
    );
  });

  test('an unknown type of another writer is shown all the same', () => {
    expect(shown(line({ message: 'hello' }, 'CUSTOM'))).toMatch(/CUSTOM +hello$/);
  });

  test('nothing in it can act on a terminal', () => {
    const text = shown(line({ task_id: 'a\u001b[2J', error: '\u009b31m\nsecond line' }, 'X\u001b'));
    // eslint-disable-next-line no-control-regex -- that is what is looked for
    expect(text).not.toMatch(/[\u0000-\u001f\u0080-\u009f]/);
  });

  test.each(['', 'not json', '[1]', '"x"', 'null', '{"id":1}', '['.repeat(100_000)])(
    '%.20j is no message',
    text => {
      expect(readMessage(text)).toBeUndefined();
      expect(shown(text)).toContain('(no message)');
    },
  );
});
