import { describe, expect, test } from '@jest/globals';
import { SelfDoubt, type Silence } from '../../../daemon/scheduler/self-doubt.js';

const of = (watched: number, silent: string[], suspects = silent.length): Silence<string> => ({
  watched,
  suspects,
  silent,
  limitMs: 100,
});

describe('who is silent', () => {
  test('alone, even one among two, is ended at once', () => {
    expect(new SelfDoubt().judge(of(2, ['a']), 0)).toEqual({ kind: 'reap', silent: ['a'] });
    expect(new SelfDoubt().judge(of(1, ['a']), 0)).toEqual({ kind: 'reap', silent: ['a'] });
  });

  test('with fewer than half of all is ended at once', () => {
    expect(new SelfDoubt().judge(of(5, ['a', 'b']), 0)).toEqual({ kind: 'reap', silent: ['a', 'b'] });
  });

  test('with half of all is spared for one more period, and no longer', () => {
    const doubt = new SelfDoubt();
    const half = of(4, ['a', 'b']);
    expect(doubt.judge(half, 1000)).toEqual({ kind: 'doubted', forMs: 100 });
    expect(doubt.judge(half, 1050)).toEqual({ kind: 'spare' });
    expect(doubt.judge(half, 1100)).toEqual({ kind: 'spare' });
    expect(doubt.judge(half, 1101)).toEqual({ kind: 'reap', silent: ['a', 'b'] });
    expect(doubt.judge(of(4, ['a']), 1102)).toEqual({ kind: 'reap', silent: ['a'] });
  });

  test('is spared as well when the others are only about to be silent for too long', () => {
    expect(new SelfDoubt().judge(of(2, ['a'], 2), 0)).toEqual({ kind: 'doubted', forMs: 100 });
  });

  test('alone while we doubt ourselves is spared like the rest', () => {
    const doubt = new SelfDoubt();
    doubt.judge(of(2, ['a', 'b']), 0);
    expect(doubt.judge(of(2, ['a']), 50)).toEqual({ kind: 'spare' });
  });

  test('after all came back is doubted anew', () => {
    const doubt = new SelfDoubt();
    const both = of(2, ['a', 'b']);
    doubt.judge(both, 0);
    expect(doubt.judge(of(2, []), 10)).toEqual({ kind: 'reap', silent: [] });
    expect(doubt.judge(both, 500)).toEqual({ kind: 'doubted', forMs: 100 });
  });

  test('long after one mass, with what of it could not be ended, does not outlaw the next', () => {
    const doubt = new SelfDoubt();
    doubt.judge(of(2, ['a', 'b']), 0);
    // However late that look comes.
    expect(doubt.judge(of(2, ['a', 'b']), 900).kind).toBe('reap');
    expect(doubt.judge(of(2, ['a', 'b']), 1000).kind).toBe('reap');
    expect(doubt.judge(of(2, ['a', 'b']), 1001).kind).toBe('doubted');
  });
});
