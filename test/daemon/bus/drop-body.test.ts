import { describe, expect, test } from '@jest/globals';
import { decodeBody } from '../../../daemon/bus/drop-body.js';

const json = (payload: unknown): string => JSON.stringify({ id: 'x', type: 'TASK_COMPLETE', payload });

const VERDICT = {
  approved: false,
  summary: 'Not yet',
  issues: [{ severity: 'high', location: 'a.ts:1', issue: 'Leaks', suggestion: 'Close it' }],
};

describe('the body of an event file', () => {
  test.each([
    ['nothing', '', ''],
    ['a word', 'PASS\n', 'PASS\n'],
    ['a commit', '0123abc', '0123abc'],
    ['several lines of error', 'a\nb {c}\n', 'a\nb {c}\n'],
    ['an array', '[1,2]', '[1,2]'],
    ['JSON of another kind', '{"status":"ok"}', '{"status":"ok"}'],
    ['a payload that is none', '{"payload":[]}', '{"payload":[]}'],
  ])('%s is text', (_what, body, text) => {
    expect(decodeBody(body)).toEqual({ text });
  });

  test.each([
    ['a commit', { commit_sha: 'abc' }, { text: 'abc' }],
    ['an error', { error: 'no good' }, { text: 'no good' }],
    ['a message', { message: 'hello' }, { text: 'hello' }],
    ['a percentage', { progress_pct: 40 }, { progress: 40, text: '' }],
    [
      'who speaks',
      { run_id: 'r', attempt_id: 'a', token: 't' },
      { run: 'r', attempt: 'a', token: 't', text: '' },
    ],
    ['things of its own', { colour: 'red' }, { text: '' }],
    [
      'a reviewer’s verdict',
      { outcome: { kind: 'complete', verdict: VERDICT } },
      { outcome: { kind: 'complete', verdict: VERDICT }, text: '' },
    ],
    [
      'a summary',
      { outcome: { kind: 'complete', summary: 'made' } },
      { outcome: { kind: 'complete', summary: 'made' }, text: '' },
    ],
    [
      'the whole end',
      { outcome: { kind: 'complete' }, exit: { code: 0, signal: null, durationMs: 1 } },
      { outcome: { kind: 'complete' }, exit: { code: 0, signal: null, durationMs: 1 }, text: '' },
    ],
  ])('a message with %s is looked through', (_what, payload, body) => {
    expect(decodeBody(` ${json(payload)}\n`)).toEqual(body);
  });

  test.each([
    ['null', { token: 't', commit_sha: null }],
    ['a number', { token: 't', error: 5 }],
    ['a percentage beyond all', { token: 't', progress_pct: 400 }],
    ['an outcome of its own making', { token: 't', outcome: 'fine', exit: 0 }],
  ])('%s where something else belongs does not hide the token beside it', (_what, payload) => {
    expect(decodeBody(json(payload))).toEqual({ token: 't', text: '' });
  });

  test('a key named __proto__ is passed over, and changes nothing', () => {
    const decoded = decodeBody(
      '{"__proto__":{"token":"a"},"payload":{"__proto__":{"token":"b"},"error":"e"}}',
    );
    expect(decoded).toEqual({ text: 'e' });
    expect(Object.keys(decoded)).toEqual(['text']);
    expect('token' in {}).toBe(false);
  });

  test('nested beyond reason, it is text and no parser sees it', () => {
    const deep = `{"payload":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`;
    expect(decodeBody(deep)).toEqual({ text: deep });
  });

  test.each(['{', '{no JSON at all}', '{"payload":{"error":"a', ' {"payload":{}'])('%s is cut', body => {
    expect(decodeBody(body)).toBe('cut');
  });
});
