import { describe, expect, test } from '@jest/globals';
import { fillTemplate, unknownPlaceholders, type Fillings } from '../../../daemon/plan/fill-template.js';

const fillings = (more: Partial<Fillings> = {}): Fillings => ({
  prompt: 'P',
  agent: 'a',
  model: undefined,
  task: '1.1',
  title: 'T',
  track: 't',
  name: 'n',
  ...more,
});
const argv = (command: string[], more: Partial<Fillings> = {}): string[] =>
  fillTemplate(command, fillings(more)).argv;

test('text of the plan stays one argument and is not filled again', () => {
  const prompt = 'say "{task}"; rm -rf $HOME `x`\n{model}';
  expect(argv(['c', '-x={title} {task}', '{prompt}'], { prompt, title: '{prompt}' })).toEqual([
    'c',
    '-x={prompt} 1.1',
    prompt,
  ]);
});

describe('without a model', () => {
  test.each([
    [
      ['c', '--model', '{model}', '{prompt}'],
      ['c', 'P'],
    ],
    [
      ['c', '--model={model}', '{prompt}'],
      ['c', 'P'],
    ],
    [
      ['c', '{model}', '{prompt}'],
      ['c', 'P'],
    ],
    [
      ['c', 'run', '{model}', '{prompt}'],
      ['c', 'run', 'P'],
    ],
    [
      ['c', '--print', '--model={model}'],
      ['c', '--print'],
    ],
  ])('%j', (command, expected) => {
    expect(argv(command)).toEqual(expected);
  });

  test('and with one', () => {
    expect(argv(['c', '--model', '{model}', '{prompt}'], { model: 'm' })).toEqual(['c', '--model', 'm', 'P']);
  });
});

describe('a prompt goes by standard input', () => {
  const LIMIT = 100 * 1024;
  test.each<[string, string[], string, string[]]>([
    ['if it is too long', ['c', '--print', '{prompt}'], 'x'.repeat(LIMIT + 1), ['c', '--print']],
    ['if it is too long in bytes', ['c', '{prompt}'], 'ä'.repeat(LIMIT / 2 + 1), ['c']],
    ['with its flag in one token', ['c', '--prompt={prompt}', '-v'], 'x'.repeat(LIMIT + 1), ['c', '-v']],
    ['if it would be read as an option', ['c', '{prompt}'], '- item', ['c']],
    ['if the template has no place for it', ['c', '-'], 'P', ['c', '-']],
  ])('%s', (_name, command, prompt, expected) => {
    expect(fillTemplate(command, fillings({ prompt }))).toEqual({ argv: expected, promptBy: 'stdin' });
  });

  test.each<[string, string[], string]>([
    ['that just fits', ['c', '{prompt}'], 'x'.repeat(LIMIT)],
    ['that just fits in bytes', ['c', '{prompt}'], 'ä'.repeat(LIMIT / 2)],
    ['behind --', ['c', '--', '{prompt}'], '- item'],
  ])('but not one %s', (_name, command, prompt) => {
    const filled = fillTemplate(command, fillings({ prompt }));
    expect(filled.promptBy).toBe('argv');
    expect(filled.argv.at(-1)).toBe(prompt);
  });
});

test('placeholders that mean nothing are named, other braces are left alone', () => {
  expect(unknownPlaceholders(['c', '{promt}', '{a}{promt}', '{"json": 1}', '{}', '{prompt}'])).toEqual([
    'promt',
    'a',
  ]);
});
