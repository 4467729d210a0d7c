import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { jsonObjectsFromEnd } from '../../worker/json-objects.js';

const found = (text: string): string[] =>
  jsonObjectsFromEnd(text).map(({ start, end }) => text.slice(start, end));

describe('objects in a text', () => {
  test.each([
    ['the last first', 'a {"x":1} b {"y":[{"z":2}]} c', ['{"y":[{"z":2}]}', '{"x":1}']],
    ['braces within strings', '{"a":"}{"}', ['{"a":"}{"}']],
    ['escaped quotes', String.raw`{"a":"\"}\\"}`, [String.raw`{"a":"\"}\\"}`]],
    ['over several lines', '```json\r\n{\r\n\t"a": 1\r\n}\r\n```', ['{\r\n\t"a": 1\r\n}']],
    ['side by side', '{}{}', ['{}', '{}']],
    ['of a list', '[{"a":1},{"b":2}]', ['{"b":2}', '{"a":1}']],
    ['in one that is cut off', '{"a":{"b":1},"c":', ['{"b":1}']],
    ['in one that is none', '{ see: {"b":1} }', ['{"b":1}']],
    ['behind a brace and a quote of the prose', 'the "{" and {"a then {"b":1}', ['{"b":1}']],
    ['behind a string that never ends', '{"a {"b":1}', ['{"b":1}']],
    ['no Python', "{'a': None}", []],
    ['no comma too many', '{"a":1,}', []],
    ['no number of another language', '{"a":01}{"a":.5}{"a":+1}', []],
    ['no escape of another language', String.raw`{"a":"\x41"}`, []],
    ['no line break in a string', '{"a":"\n"}', []],
    ['no closing bracket of another kind', '{"a":[1}', []],
    ['none', 'nothing here', []],
  ])('%s', (_what, text, objects) => {
    expect(found(text)).toEqual(objects);
  });

  const value = fc.jsonValue({ stringUnit: 'binary' });
  const object = fc.dictionary(fc.string({ unit: 'binary' }), value);
  const written = fc.tuple(object, fc.constantFrom(undefined, 2, '\t')).map(([each, indent]) => ({
    each,
    json: JSON.stringify(each, undefined, indent),
  }));
  const prose = fc.string({
    unit: fc.constantFrom('a', ' ', '\n', '"', "'", '\\', ':', ',', '[', ']', '}', '1'),
  });

  test('are all found in prose without an opening brace', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(prose, written)), prose, (parts, end) => {
        const text = parts.map(([before, { json }]) => before + json).join('') + end;
        expect(found(text)).toEqual(parts.map(([, { json }]) => json).reverse());
      }),
    );
  });

  const noise = fc.string({
    unit: fc.constantFrom('{', '}', '[', ']', '"', ':', ',', '\\', '1', 'a', ' ', '\n', '{"a":', '"b"', '{}'),
    maxLength: 60,
  });

  test('are complete and whatever else there is, none is within another', () => {
    fc.assert(
      fc.property(noise, text => {
        const spans = jsonObjectsFromEnd(text);
        for (const { start, end } of spans) expect(JSON.parse(text.slice(start, end))).toBeInstanceOf(Object);
        expect(spans).toEqual([...spans].sort((a, b) => b.end - a.end));
      }),
      { numRuns: 2000 },
    );
  });

  test('are found after any noise that ends its line and its braces', () => {
    fc.assert(
      fc.property(noise, written, (before, { json }) => {
        // A line break ends every string; two colons are nothing that an object could go on with.
        expect(found(`${before}\n::${json}`)[0]).toBe(json);
      }),
      { numRuns: 2000 },
    );
  });
});

/** A reading that began anew at each brace would take hours for these: the test would not end in its time. */
describe('hostile text of a megabyte is read in linear time', () => {
  const filled = (unit: string): string => unit.repeat(Math.ceil(1024 ** 2 / unit.length));

  test.each([
    '{',
    '{"a":',
    '{"a":[',
    '[{',
    '{"',
    '{"a',
    '"{',
    '{\\"',
    '{"a":1,',
    '{"{',
    '{}',
    '{"":"{\\"',
    '\\',
    '1',
  ])('%s', unit => {
    const spans = jsonObjectsFromEnd(`${filled(unit)}\n::{"last":1}`);
    expect(spans[0]?.start).toBe(filled(unit).length + 3);
  });

  test('nested as deep as there is room', () => {
    const depth = 150_000;
    expect(jsonObjectsFromEnd(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`)).toHaveLength(1);
  });
});
