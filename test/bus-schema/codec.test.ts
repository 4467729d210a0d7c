import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { decodeJson, nestingOf } from '../../bus-schema/codec.js';

const schema = z.strictObject({ id: z.string(), count: z.int(), parts: z.array(z.string()) });

describe('decodeJson', () => {
  test('what fits comes out', () => {
    expect(decodeJson('{"id":"a","count":1,"parts":["x"]}', schema)).toEqual({
      ok: true,
      value: { id: 'a', count: 1, parts: ['x'] },
    });
  });

  test('all that does not fit is named at once, each with its place', () => {
    const decoded = decodeJson('{"id":1,"parts":["x",2],"more":true}', schema);
    expect(decoded).toEqual({
      ok: false,
      error: [
        expect.stringMatching(/^id: .*string/),
        expect.stringMatching(/^count: /),
        expect.stringMatching(/^parts\.1: .*string/),
        expect.stringContaining('"more"'),
      ],
    });
  });

  test.each(['', '{', 'PASS', '{"id":"a",}', 'undefined'])('%j is no JSON', text => {
    expect(decodeJson(text, schema)).toEqual({
      ok: false,
      error: [expect.stringContaining('not valid JSON')],
    });
  });

  test('deep nesting is refused before anything recurses into it', () => {
    const deep = '['.repeat(200_000);
    expect(decodeJson(deep, z.unknown())).toEqual({ ok: false, error: [expect.stringContaining('nested')] });
    expect(decodeJson('['.repeat(64) + ']'.repeat(64), z.unknown()).ok).toBe(true);
    expect(decodeJson('['.repeat(65) + ']'.repeat(65), z.unknown()).ok).toBe(false);
  });

  test('brackets in a string are no nesting', () => {
    expect(nestingOf(JSON.stringify({ text: '[[[["\\{{{{' }))).toBe(1);
  });

  test('the nesting of any value is as deep as the value', () => {
    const depth = (value: unknown): number =>
      typeof value !== 'object' || value === null
        ? 0
        : 1 + Math.max(0, ...Object.values(value).map(inner => depth(inner)));
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        expect(nestingOf(JSON.stringify(value))).toBe(depth(value));
      }),
    );
  });
});
