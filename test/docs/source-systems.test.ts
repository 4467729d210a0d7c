import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { formatSchema } from '../../bus-schema/plan.js';
import { ROOT } from '../tidy/source.js';
import { cellsOf, linksOf, missing, partsOf, quoted, readShown, type Shown } from './shown-by.js';
import { testTitles } from './test-titles.js';

const PAGE = 'docs/source-systems.md';
const lines = readFileSync(join(ROOT, PAGE), 'utf8').split('\n');

interface Row {
  readonly number: string;
  readonly statement: string;
  /** Paths of ours. */
  readonly places: readonly string[];
  readonly shownBy: readonly Shown[];
}

/** A row, or what is wrong with its line. */
function readRow(line: string): Row | string {
  const [number = '', statement = '', places = '', shownBy = '', ...more] = cellsOf(line);
  if (shownBy === '' || more.length > 0 || statement === '') return `not four cells: ${line}`;
  const row = {
    number,
    statement,
    places: places.split(', ').map(quoted),
    shownBy: partsOf(shownBy).map(readShown),
  };
  if (row.places.includes(undefined)) return `${number}: write the places as \`a\`, \`b\``;
  if (row.shownBy.includes(undefined))
    return `${number}: write what shows it as \`test/path.test.ts\` › title`;
  return row as Row;
}

const read = lines
  .filter(line => line.startsWith('|') && !/^\| (no\.|---)/.test(line))
  .map(line => readRow(line));
const rows = read.filter(row => typeof row !== 'string');

test('every row of a table has its four cells', () => {
  expect(read.filter(row => typeof row === 'string')).toEqual([]);
});

test.each(['A', 'B', 'C', 'D'])('the rows of %s are counted from 1, each number once', letter => {
  const numbers = rows.map(row => row.number).filter(number => number.startsWith(letter));
  expect(numbers.length).toBeGreaterThan(20);
  expect(numbers).toEqual(numbers.map((_, index) => `${letter}${index + 1}`));
});

test('no row belongs to another system', () => {
  expect(rows.filter(({ number }) => !/^[A-D]\d+$/.test(number))).toEqual([]);
});

test('nothing is said twice', () => {
  const plain = ({ statement }: Row): string => statement.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, ' ');
  const seen = new Map<string, string>();
  const twice = rows.flatMap(row => {
    const earlier = seen.get(plain(row));
    seen.set(plain(row), row.number);
    return earlier === undefined ? [] : [`${row.number} says what ${earlier} says`];
  });
  expect(twice).toEqual([]);
});

test('every place is there', () => {
  const gone = rows.flatMap(({ number, places }) =>
    places.filter(path => !existsSync(join(ROOT, path))).map(path => `${number}: there is no ${path}`),
  );
  expect(gone).toEqual([]);
});

test('every statement is shown by a test that there is', () => {
  const wrong = rows.flatMap(({ number, shownBy }) =>
    shownBy.flatMap(each => missing(each) ?? []).map(what => `${number}: ${what}`),
  );
  expect(wrong).toEqual([]);
});

test('each format of a source system is named above the first table, and the page is linked', () => {
  const above = lines
    .slice(
      0,
      lines.findIndex(line => line.startsWith('|')),
    )
    .join('\n');
  for (const format of formatSchema.options.filter(name => name !== 'native'))
    expect(above).toContain(`\`--format ${format}\``);
  expect(linksOf('README.md')).toContain(PAGE);
});

describe('the names of tests', () => {
  const SAMPLE = `
    describe('not this', () => {
      test('plain', f);
      test.skip('left out', f);
      pythonTest(name('with a program'), f);
      (root ? test : test.skip)('by root', f);
      test(\`\${N} times\`, f);
      test.each([['first', 1], ['second', 2]])('case %s', f);
      test.each([{ what: 'third' }])('$what', f);
      test.each(['fourth'])('%j', f);
      const rows: readonly string[][] = [['fifth']];
      test.each(rows)('of rows %s', f);
      const where = root ? test : test.skip;
      where('by chance', f);
      const group = root ? describe : describe.skip;
      group('nor this', f);
      expect('nothing').toBe('a title');
    });`;

  test('are found as they are written', () => {
    expect(testTitles('a.test.ts', SAMPLE).sort()).toEqual(
      ['plain', 'left out', 'with a program', 'by root', '${N} times', 'first', 'second', 'case %s']
        .concat(['third', '$what', 'fourth', '%j', 'fifth', 'of rows %s', 'by chance'])
        .sort(),
    );
  });

  test('of a story is its first line', () => {
    expect(testTitles('a.txt', '# What happens.\n\nsubmit\n')).toEqual(['What happens.']);
    expect(testTitles('a.txt', 'submit\n# later\n')).toEqual([]);
  });
});
