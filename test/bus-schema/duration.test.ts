import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatDuration, LONGEST_MS, parseDuration } from '../../bus-schema/duration.js';

describe('parseDuration', () => {
  test.each([
    ['30m', 1_800_000],
    ['90s', 90_000],
    ['1500ms', 1500],
    ['1h30m', 5_400_000],
    ['1.5s', 1500],
    ['0s', 0],
    [' 2d ', 172_800_000],
    ['30d', LONGEST_MS],
  ])('%j is %d ms', (text, ms) => {
    expect(parseDuration(text, 'refused')).toEqual({ ok: true, value: ms });
  });

  test('a bare number is milliseconds only where that is allowed', () => {
    expect(parseDuration('1500', 'ms')).toEqual({ ok: true, value: 1500 });
    expect(parseDuration('1500', 'refused')).toEqual({
      ok: false,
      error: expect.stringMatching(/"1500" has no unit.*90s/),
    });
  });

  test.each(['', 'soon', '30 m', '-1s', '1e3s', '1.s', '30M', '1h30', '١s', '1s;rm'])(
    '%j is refused with an example',
    text => {
      expect(parseDuration(text, 'ms')).toEqual({ ok: false, error: expect.stringContaining('90s') });
    },
  );

  test.each(['31d', '9'.repeat(400), `${'9'.repeat(400)}d`])('more than 30 days is refused', text => {
    expect(parseDuration(text, 'ms')).toEqual({ ok: false, error: expect.stringContaining('30 days') });
  });

  test('a sum of parts is the sum of the parts', () => {
    const part = fc.tuple(fc.integer({ min: 0, max: 50 }), fc.constantFrom('ms', 's', 'm', 'h'));
    const size = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), parts => {
        const text = parts.map(([amount, unit]) => `${amount}${unit}`).join('');
        const value = parts.reduce((sum, [amount, unit]) => sum + amount * size[unit], 0);
        expect(parseDuration(text, 'refused')).toEqual({ ok: true, value });
      }),
    );
  });
});

describe('formatDuration', () => {
  test.each([
    [0, '0ms'],
    [950, '950ms'],
    [3249, '3.2s'],
    [59_999, '59.9s'],
    [60_000, '1m00s'],
    [247_000, '4m07s'],
    [3_599_999, '59m59s'],
    [7_500_000, '2h05m'],
    [90_000_000, '25h00m'],
  ])('%d ms is %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});
