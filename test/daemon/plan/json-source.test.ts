import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readJson } from '../../../daemon/plan/json-source.js';
import type { Path } from '../../../daemon/plan/source.js';
import { said, valueOf } from './said.js';

test.each([
  ['{"a": 1\n "b": 2}', 'f:2:2: error: not valid JSON: comma expected.'],
  ['{"a": }', 'f:1:7: error: not valid JSON: value expected.'],
  ['{"a": 1} x', 'f:1:10: error: not valid JSON: invalid symbol.'],
  ['{"a": tru}', 'f:1:7: error: not valid JSON: invalid symbol.'],
  ['{"a": {"b": 1,\n  "b": 2}}', 'f:2:3: error: key b is given twice. Keep one of the two.'],
  [`{"a": ${'['.repeat(70)}${']'.repeat(70)}}`, 'f: error: it is nested deeper than 64 levels.'],
])('%s', (text, message) => {
  expect(said(readJson(text, 'f'))).toEqual([message]);
});

// Flat by a count of brackets, as they stand in a text without end; deep for a parser that goes on behind the line.
test('nothing is parsed behind the first fault', () => {
  expect(said(readJson(`["\n${'[{"a":'.repeat(50_000)}`, 'f'))).toEqual([
    'f:1:2: error: not valid JSON: unexpected end of string.',
  ]);
});

test('colons and quotes within text are no keys', () => {
  expect(valueOf(readJson('{"a:b": "c: \\" : d", "e": ["x:y"]}', 'f')).value).toEqual({
    'a:b': 'c: " : d',
    e: ['x:y'],
  });
});

test('every value is found where it stands', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 4 }), fc.constantFrom(0, 2), (json, indent) => {
      const value: unknown = JSON.parse(json);
      const text = JSON.stringify(value, null, indent);
      const source = valueOf(readJson(text, 'f'));
      for (const [path, inner] of pathsOf(value, [])) {
        expect(JSON.parse(source.writtenAt(path))).toEqual(inner);
        const { line, column } = source.placeOf(path, 'value');
        expect(
          text
            .split('\n')
            [line - 1]?.slice(column - 1)
            .startsWith(JSON.stringify(inner).charAt(0)),
        ).toBe(true);
      }
    }),
  );
});

function* pathsOf(value: unknown, path: Path): Generator<[Path, unknown]> {
  yield [path, value];
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) for (const [i, inner] of value.entries()) yield* pathsOf(inner, [...path, i]);
  else for (const [key, inner] of Object.entries(value)) yield* pathsOf(inner, [...path, key]);
}
