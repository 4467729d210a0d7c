import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readPlan } from '../../../daemon/plan/read.js';
import { said } from './said.js';

const NATIVE = `signalbox: 1
name: &n build
limits: {code: 2}
tasks:
  - {id: a, command: "x \\u00e9", files: [src/, 'b c'], env: {A: "1"}}
  - id: b
    prompt: |
      several
      lines
    depends_on: [a]
    timeout: 1h
    title: *n
`;
const CONDUCTOR = `# Plan\n\n- [x] Task 1.1: a\n\n- x\n  \`\`\`yaml\n  dag:\n    nodes:\n      - id: "1.1"\n        files: ["a"]\n    parallel_groups: [{id: p, tasks: ["1.1"]}]\n  \`\`\`\n`;
const JSON_TEXT =
  '{"signalbox": 1, "tasks": [{"id": "a", "command": "x"}, {"id": "b", "depends_on": ["a"]}]}';

const splinter = fc.oneof(
  fc.constantFrom(
    '```',
    '~~~',
    '- ',
    '\n',
    '  ',
    ': ',
    '[',
    ']',
    '{',
    '}',
    '"',
    "'",
    '&n',
    '*n',
    '!!',
    '|',
    '\t',
    '\r',
    '#',
    '---\n',
    '? ',
    '<<: ',
    '\u0000',
    'null',
    '1.10',
  ),
  fc.string({ maxLength: 4 }),
);
const cuts = fc.array(fc.tuple(fc.nat(), fc.nat(3), splinter), { minLength: 1, maxLength: 6 });

test.each([
  ['YAML', NATIVE],
  ['Markdown', CONDUCTOR],
  ['JSON', JSON_TEXT],
])('damaged %s is read or refused with a place in the file, and nothing is thrown', (_name, whole) => {
  fc.assert(
    fc.property(cuts, damages => {
      let text = whole;
      for (const [where, length, put] of damages) {
        const at = where % (text.length + 1);
        text = text.slice(0, at) + put + text.slice(at + length);
      }
      const result = readPlan({ text, file: 'f' });
      if (result.ok) return;
      expect(result.error.some(({ severity }) => severity === 'error')).toBe(true);
      const lineCount = text.split('\n').length;
      for (const { line = 1, column = 1 } of result.error) {
        expect(line >= 1 && line <= lineCount + 1 && column >= 1).toBe(true);
      }
    }),
    { numRuns: 300 },
  );
});

describe('a long text takes a time that grows with its length only, and makes no long message', () => {
  const MANY = 200_000;
  test.each([
    ['a heading', `# ${'#'.repeat(MANY)}x\n${CONDUCTOR}`],
    ['a path', CONDUCTOR.replace('["a"]', `["a${' '.repeat(MANY)}b"]`)],
    ['a duration', NATIVE.replace('1h', '1'.repeat(MANY))],
    ['an id', NATIVE.replace('id: b', `id: ${'b'.repeat(MANY)}`)],
    ['a key', NATIVE.replace('limits', 'l'.repeat(MANY))],
    ['a box', `${CONDUCTOR}- [x] ${'*'.repeat(MANY)}\n`],
    ['a list of marks', `${'- '.repeat(MANY)}x\n${CONDUCTOR}`],
    ['many fences', '```a\n'.repeat(MANY / 4)],
    ['a wrong tag', NATIVE.replace('build', `!${'t'.repeat(MANY)} x`)],
  ])('%s', (_name, text) => {
    // A few milliseconds; with the square of the length it would be minutes, far beyond the test's time.
    for (const line of said(readPlan({ text, file: 'f' }))) expect(line.length).toBeLessThan(700);
  });
});
