import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { printable } from '../../bus-schema/printable.js';

describe('printable', () => {
  test.each([
    ['compile the library', 'compile the library'],
    ['Straße 東京 🎉', 'Straße 東京 🎉'],
    ['a\nb\tc', 'a\\x0ab\\x09c'],
    ['\u001b[2J', '\\x1b[2J'],
    ['\u009b31m', '\\x9b31m'],
    ['abc\u202ecba', 'abc\\u202ecba'],
    ['a\u200bb\ufeff', 'a\\u200bb\\ufeff'],
    ['a\u2028b', 'a\\u2028b'],
  ])('%j is shown as %s', (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  test('what is too long ends in an ellipsis', () => {
    expect(printable('x'.repeat(200))).toBe('x'.repeat(200));
    expect(printable('x'.repeat(201))).toBe(`${'x'.repeat(199)}…`);
    expect(printable('abcdef', 4)).toBe('abc…');
  });

  test('whatever comes in, one line of visible text comes out', () => {
    const nasty = fc.string({ unit: 'binary', maxLength: 300 });
    fc.assert(
      fc.property(nasty, text => {
        const shown = printable(text, 50);
        expect(shown).not.toMatch(/\p{Cc}|\p{Bidi_Control}|[\u2028\u2029\u200b\ufeff]/u);
        expect(shown.length).toBeLessThanOrEqual(50);
      }),
      { numRuns: 500 },
    );
  });
});
