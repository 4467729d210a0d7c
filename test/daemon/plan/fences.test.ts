import { expect, test } from '@jest/globals';
import { dagBlocks, fencesIn, proseLines } from '../../../daemon/plan/fences.js';

const lines = (text: string): string[] => text.split('\n');
const inside = (text: string): string[] =>
  fencesIn(lines(text), { from: 0, to: lines(text).length }).map(({ from, to }) =>
    lines(text).slice(from, to).join('|'),
  );

test.each([
  ['back-ticks', '```\na\n```', ['a']],
  ['a longer end', '```\na\n`````', ['a']],
  ['a shorter mark is content', '````\n```\n````', ['```']],
  ['tildes do not end back-ticks', '```\n~~~\n```', ['~~~']],
  ['a mark with a language does not end', '```a\n```b\n```', ['```b']],
  ['code within a sentence is none', '```a``` and\nb', []],
  ['no end', 'x\n```\na', ['a']],
  ['in lists', '- x\n  - ```\n    a\n    ```\n- y', ['    a']],
  ['nothing in it', '```\n```', ['']],
])('fences: %s', (_name, text, expected) => {
  expect(inside(text)).toEqual(expected);
});

test('prose is what no fence holds', () => {
  expect(proseLines(lines('a\n```\nb\n```\nc\n~~~\nd'))).toEqual([0, 4]);
});

test.each([
  ['a key deeper down', '```yaml\nx:\n  dag:\n```'],
  ['another language', '```json\ndag:\n```'],
  ['a longer word', '```yaml\ndagger: 1\n```'],
  ['a comment', '```yaml\n# dag:\nx: 1\n```'],
])('no DAG block: %s', (_name, text) => {
  expect(dagBlocks(lines(text))).toEqual([]);
});

test('fences in fences without end are not followed without end', () => {
  const deep = Array.from({ length: 20_000 }, (_, i) => `${'`'.repeat(3)}l${i}`);
  expect(dagBlocks([...deep, '```yaml', 'dag:'])).toEqual([]);
});
