import { describe, expect, test } from '@jest/globals';
import { readLocksEdit, type LockEntry } from '../../../daemon/bus/locks-edit.js';

const only = (content: unknown): LockEntry | undefined => readLocksEdit(JSON.stringify(content))?.entries[0];
const AT = Date.UTC(2026, 7, 1, 10, 15, 0, 123);

describe('a locks.json that somebody else wrote', () => {
  test('names the worker alone, or more of it', () => {
    const nothing = { task: undefined, run: undefined, acquiredAt: undefined, expiresAt: undefined };
    expect(only({ './src/a.ts': 'w' })).toEqual({ path: 'src/a.ts', worker: 'w', ...nothing });
    expect(
      only({ a: { worker_id: 'w', task_id: '1.1', run_id: 'r', acquired_at: 7, expires_at: null } }),
    ).toEqual({
      path: 'a',
      worker: 'w',
      ...nothing,
      task: '1.1',
      run: 'r',
    });
  });

  test.each([
    '2026-08-01T10:15:00.123456Z',
    '2026-08-01T10:15:00.123Z',
    '2026-08-01T10:15:00.123456',
    '2026-08-01T12:15:00.123+02:00',
  ])('a time is UTC if it does not say otherwise: %s', text => {
    expect(only({ a: { worker_id: 'w', expires_at: text } })?.expiresAt).toBe(AT);
  });

  test.each(['', 'soon', '2026-08-01T10:15:00+00:00Z', '9'.repeat(100), 17, {}, null])(
    'a time that cannot be understood is none: %p',
    text => {
      expect(only({ a: { worker_id: 'w', acquired_at: text, expires_at: text } })).toMatchObject({
        acquiredAt: undefined,
        expiresAt: undefined,
      });
    },
  );

  test('entries that mean nothing are left out, with the reason; the others count', () => {
    const text = '{"/etc/passwd":"w","../up":"w","a":7,"b":{},"c":"","d":"w"}';
    const edit = readLocksEdit(text);
    expect(edit?.entries.map(({ path }) => path)).toEqual(['d']);
    expect(edit?.refused).toHaveLength(5);
  });

  test.each(['', '{', '[]', '"x"', '{"a": "w"', '['.repeat(5000)])('nothing is made of %p', text => {
    expect(readLocksEdit(text)).toBeUndefined();
  });
});
