import { describe, expect, test } from '@jest/globals';
import { decodeLockBody } from '../../../daemon/bus/lock-body.js';

describe('the body of an event about locks', () => {
  test.each([
    ['a message', { payload: { token: 't', paths: ['a', 'b'] } }, { token: 't', paths: ['a', 'b'] }],
    [
      'its payload alone',
      { task_id: '1.1', run_id: 'r', path: 'a' },
      { task: '1.1', run: 'r', paths: ['a'] },
    ],
    [
      'a message of the source system',
      { source: 'worker-1-2', payload: { filepath: 'a' } },
      { worker: 'worker-1-2', paths: ['a'] },
    ],
    ['a file', { worker_id: 'w', file: 'a' }, { worker: 'w', paths: ['a'] }],
    ['no path', { payload: {} }, { paths: [] }],
    ['paths that are none', { payload: { paths: [7], token: 't' } }, { token: 't', paths: [] }],
    ['a wait that is over', { paths: ['a'], withdraw: true }, { paths: ['a'], withdraw: true }],
    ['a payload that is none', { payload: 'x', path: 'a' }, { paths: ['a'] }],
  ])('may be %s', (_what, body, said) => {
    expect(decodeLockBody(JSON.stringify(body))).toEqual({ text: '', ...said });
  });

  test('is text if it is no JSON, and cut if it is not all there', () => {
    expect(decodeLockBody('')).toEqual({ text: '' });
    expect(decodeLockBody('src/a.ts\n')).toEqual({ text: 'src/a.ts\n' });
    expect(decodeLockBody('{"paths": ["a"')).toBe('cut');
  });
});
