import { describe, expect, test } from '@jest/globals';
import { readYaml } from '../../../daemon/plan/yaml-source.js';
import { said, valueOf } from './said.js';

const problems = (text: string): string[] => said(readYaml(text, 'f'));

describe('refused before it can do harm', () => {
  test.each([
    ['flow lists', '['.repeat(5000) + ']'.repeat(5000), 'f:1:66:'],
    ['flow mappings', 'a: ' + '{b: '.repeat(5000) + '}'.repeat(5000), 'f:1:'],
    ['block lists on one line', '- '.repeat(5000) + 'x', 'f:1:'],
    [
      'block mappings',
      Array.from({ length: 500 }, (_, depth) => `${' '.repeat(depth)}k:`).join('\n'),
      'f:66:',
    ],
    ['keys of keys', '? '.repeat(5000) + 'x', 'f:1:'],
    ['lists that are never closed', 'a:\n  - ' + '['.repeat(100_000), 'f:2:'],
  ])('nesting of %s', (_name, text, place) => {
    const [first = '', ...more] = problems(text);
    expect(more).toEqual([]);
    expect(first).toContain('error: it is nested deeper than 64 levels. Nest it less.');
    expect(first.startsWith(place)).toBe(true);
  });

  test('the deepest that is allowed is read', () => {
    expect(problems('['.repeat(64) + ']'.repeat(64))).toEqual([]);
  });

  test('brackets in text are no nesting', () => {
    expect(
      problems(`a: "${'['.repeat(200)}"\nb: |\n  ${'{'.repeat(200)}\nc: it's ${'['.repeat(200)}\n`),
    ).toEqual([]);
  });

  test('a long list that stands at many places', () => {
    const list = `a: &a [${'x,'.repeat(60_000)}]\n`;
    const others = (count: number): string => Array.from({ length: count }, (_, i) => `b${i}: *a\n`).join('');
    expect(problems(list + others(90))).toEqual([
      'f:35:6: error: the aliases up to here stand for far more than they should. Write the values out.',
    ]);
    expect(problems(list + others(3))).toEqual([]);
  });

  test.each([']', 'a: "b" c\n', '? !a !b\n', '*a\n', 'k: 1\n', '*a '])(
    'noise such as %j: about a hundred faults are named, not all',
    unit => {
      const told = problems(unit.repeat(20_000));
      expect(told.length).toBeGreaterThan(99);
      expect(told.length).toBeLessThan(110);
    },
  );

  const tooMany = (most: number): string =>
    `f: error: it has more than the ${most} keys, values and marks such as commas that are read of a YAML text of its length. Write a plan of this size as JSON.`;

  test.each([
    ['short texts', 'a,'],
    ['empty mappings', '{},'],
    ['entries', '- a\n'],
    ['keys', '? a\n'],
    ['comments', '#\n'],
  ])('more %s than a second is enough for', (_name, unit) => {
    const flow = unit.endsWith(',');
    const text = (count: number): string => `${flow ? '[' : ''}${unit.repeat(count)}${flow ? ']' : ''}`;
    expect(problems(text(260_000))).toEqual([tooMany(250_000)]);
    expect(problems(text(1000))).not.toContain(tooMany(250_000));
  });

  test('a longer text may have more', () => {
    const comment = `# ${'x'.repeat(1024 ** 2)}\n`;
    const list = (count: number): string => `[${'a,'.repeat(count)}]`;
    expect(problems(comment + list(140_000))).toEqual([]);
    expect(problems(comment + list(200_000))).toEqual([tooMany(345_000)]);
  });

  test('aliases that multiply', () => {
    const levels = Array.from({ length: 9 }, (_, i) => `l${i + 1}: &l${i + 1} [${`*l${i},`.repeat(9)}]`);
    expect(problems(['l0: &l0 [x]', ...levels].join('\n'))).toEqual([
      'f:7:42: error: the aliases up to here stand for far more than they should. Write the values out.',
    ]);
  });

  test('a hundred aliases', () => {
    expect(problems(`- &a x\n${'- *a\n'.repeat(100)}`)).toEqual([
      'f:101:3: error: there are more than 99 aliases.',
    ]);
    expect(problems(`- &a x\n${'- *a\n'.repeat(99)}`)).toEqual([]);
  });

  test.each([
    ['an alias without an anchor', 'a: *b\n', 'f:1:4: error: alias *b has no anchor &b before it.'],
    [
      'an alias of what it stands in',
      'a: &b [*b]\n',
      'f:1:8: error: alias *b stands inside of what it stands for.',
    ],
    ['equal keys', 'a: 1\nb: 2\na: 3\n', 'f:3:1: error: key a is given twice. Keep one of the two.'],
    [
      'a merge key',
      'x: &x {a: 1}\ny:\n  <<: *x\n',
      'f:3:3: error: merge keys (<<) are no part of YAML 1.2 and are not followed. Write the keys out, or put the name in quotes if it is one.',
    ],
    [
      'a second document',
      'a: 1\n---\nb: 2\n',
      'f:2:1: error: a second YAML document begins here. Keep one, and put the others into files of their own.',
    ],
  ])('%s', (_name, text, message) => {
    expect(problems(text)).toEqual([message]);
  });

  test.each(['"<<"', "'<<'"])('a key in quotes, %s, is a name like any other', key => {
    expect(problems(`limits: {${key}: 1}\n`)).toEqual([]);
  });

  test('many keys are compared in a time that grows with their number only', () => {
    const keys = Array.from({ length: 60_000 }, (_, i) => `k${i}: 1`);
    expect(problems([...keys, 'k7: 2'].join('\n'))).toEqual([
      'f:60001:1: error: key k7 is given twice. Keep one of the two.',
    ]);
  });
});

test('a syntax error has its line and column, in the file around it where there is one', () => {
  expect(problems('a: 1\nb: "x\n')[0]).toMatch(/^f:3:1: error: not valid YAML: /);
  const inner = readYaml('a: 1\nb: ]\n', 'f', { linesBefore: 10, cut: [2, 4] });
  expect(said(inner)[0]).toMatch(/^f:12:8: error: not valid YAML: /);
});

test('values have the types of YAML 1.2, and know their place and spelling', () => {
  const source = valueOf(readYaml('on: no\nv: 3.10\nlist:\n  - {k: x}\n', 'f'));
  expect(source.value).toEqual({ on: 'no', v: 3.1, list: [{ k: 'x' }] });
  expect(source.writtenAt(['v'])).toBe('3.10');
  expect(source.placeOf(['list', 0, 'k'], 'value')).toEqual({ line: 4, column: 9 });
  expect(source.placeOf(['list', 0, 'k'], 'key')).toEqual({ line: 4, column: 6 });
  // What is not there: the nearest thing around it.
  expect(source.placeOf(['list', 0, 'missing', 'deep'], 'value')).toEqual({ line: 4, column: 5 });
});
