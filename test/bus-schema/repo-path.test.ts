import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  covers as surelyCovers,
  overlaps,
  parseRepoPath,
  type RepoPath,
} from '../../bus-schema/repo-path.js';

function path(text: string): RepoPath {
  const parsed = parseRepoPath(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

describe('parseRepoPath', () => {
  test.each([
    ['src/a.ts', 'src/a.ts'],
    ['./src//a.ts', 'src/a.ts'],
    ['`src/a.ts`', 'src/a.ts'],
    ['src/a.ts:45-60', 'src/a.ts'],
    ['src/a.ts:45', 'src/a.ts'],
    ['src/old.ts (delete)', 'src/old.ts'],
    ['`src/gen/` (16 files)', 'src/gen'],
    ['src/x/../a.ts', 'src/a.ts'],
    ['src/', 'src'],
    ['.', '**'],
    ['**', '**'],
    ['src/**/*.ts', 'src/**/*.ts'],
    ['docs/a (draft).md', 'docs/a (draft).md'],
    ['src/[id]/page.tsx', 'src/[id]/page.tsx'],
  ])('%j is %s', (text, expected) => {
    expect(parseRepoPath(text)).toEqual({ ok: true, value: expected });
  });

  test.each([
    ['', /empty/],
    ['``', /empty/],
    ['/etc/passwd', /not inside the repo/],
    ['~/x', /not inside the repo/],
    ['../x', /leaves the repo/],
    ['a/../../x', /leaves the repo/],
    ['a\0b', /control character/],
    ['a\nb', /control character/],
    ['x'.repeat(1025), /longer than/],
  ])('%j is refused', (text, why) => {
    expect(parseRepoPath(text)).toEqual({ ok: false, error: expect.stringMatching(why) });
  });

  test('what comes out stays as it is when it is read again', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '/', '.', '*', ' ', ':', '1', '`') }), text => {
        const once = parseRepoPath(text);
        fc.pre(once.ok && !/[ :]/.test(once.value));
        expect(parseRepoPath(once.value)).toEqual(once);
      }),
    );
  });
});

describe('overlaps', () => {
  test.each([
    ['src/a.ts', 'src/a.ts', true],
    ['src', 'src/a.ts', true],
    ['src', 'srcs/a.ts', false],
    ['src/a.ts', 'src/b.ts', false],
    ['**', 'anything/at/all', true],
    ['src/*', 'src/a.ts', true],
    ['src/*.ts', 'src/deep/a.ts', false],
    ['src/*', 'src/deep/a.ts', true],
    ['src/**/*.ts', 'src/deep/er/a.ts', true],
    ['src/**/*.ts', 'src/a.ts', true],
    ['src/**/*.ts', 'lib/a.ts', false],
    // A path may be a folder, whatever its name looks like.
    ['src/**/*.ts', 'src/a.css', true],
    ['src/**', 'lib/**', false],
    ['**/test/**', 'src/test', true],
    ['a*', '*b', true],
    ['a*c', 'b*', false],
    ['?at', 'cat', true],
    ['?at', 'at', false],
    ['file[12].ts', 'file1.ts', true],
    ['{a,b}.ts', 'b.ts', true],
  ])('%s and %s: %s', (a, b, expected) => {
    expect(overlaps(path(a), path(b))).toBe(expected);
    expect(overlaps(path(b), path(a))).toBe(expected);
  });

  const letter = fc.constantFrom('a', 'b');
  const concrete = fc.array(fc.string({ unit: letter, minLength: 1, maxLength: 4 }), {
    minLength: 1,
    maxLength: 5,
  });

  /** A pattern that matches `parts`, or the folder above it: pieces are blurred as the numbers say. */
  const blur = (parts: readonly string[], choices: readonly number[]): RepoPath => {
    const blurred = parts.map((part, index) => {
      const at = (choices[index] ?? 0) % part.length;
      return [
        part,
        '*',
        `${part.slice(0, at)}*`,
        `*${part.slice(at)}`,
        `${part.slice(0, at)}?${part.slice(at + 1)}`,
        `${part.slice(0, at)}[ab]${part.slice(at + 1)}`,
        `{x,${part}}`,
        '**',
        `**/${part}`,
        `${part}/**`,
      ][(choices[index] ?? 0) % 10];
    });
    const kept = 1 + ((choices[5] ?? 0) % parts.length);
    return path(blurred.slice(0, kept).join('/'));
  };

  test('two patterns of one path are never called apart', () => {
    const choices = fc.array(fc.nat(1000), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(concrete, choices, choices, (parts, first, second) => {
        const [a, b] = [blur(parts, first), blur(parts, second)];
        expect({ a, b, overlap: overlaps(a, b) }).toEqual({ a, b, overlap: true });
        expect({ a, b, overlap: overlaps(b, a) }).toEqual({ a, b, overlap: true });
        expect(overlaps(a, path(parts.join('/')))).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test('it agrees with trying out every path', () => {
    const part = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), minLength: 1, maxLength: 2 });
    const pattern = fc.array(part, { minLength: 1, maxLength: 2 }).map(parts => path(parts.join('/')));
    fc.assert(
      fc.property(pattern, pattern, (a, b) => {
        const shared = EVERY_PATH.find(parts => covers(a.split('/'), parts) && covers(b.split('/'), parts));
        expect({ a, b, overlap: overlaps(a, b) }).toEqual({ a, b, overlap: shared !== undefined });
      }),
      { numRuns: 500 },
    );
  });

  test('a hostile pattern costs no more than its length squared', () => {
    const steps = (length: number): number => {
      const [a, b] = [path(`${'*a'.repeat(length)}b`), path(`${'a*'.repeat(length)}c`)];
      const start = performance.now();
      expect(overlaps(a, b)).toBe(false);
      return performance.now() - start;
    };
    steps(100);
    // The longest that is taken; a search that goes back would need longer than the universe has.
    expect(steps(511)).toBeLessThan(2000);
    const [a, b] = [path(`${'**/a/'.repeat(200)}b`), path(`${'a/**/'.repeat(200)}c`)];
    expect(overlaps(a, b)).toBe(true);
  });
});

/** Every path of up to three parts of up to three letters. */
const PARTS = ['a', 'b'].flatMap(x => [x, ...['a', 'b'].flatMap(y => [x + y, `${x}${y}a`, `${x}${y}b`])]);
const EVERY_PATH: readonly (readonly string[])[] = PARTS.flatMap(x => [
  [x],
  ...PARTS.flatMap(y => [[x, y], ...PARTS.map(z => [x, y, z])]),
]);

/** The dumb twin: whether a pattern matches a path or a folder above it. */
function covers(pattern: readonly string[], parts: readonly string[]): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return true;
  if (first === '**') return covers(rest, parts) || (parts.length > 0 && covers(pattern, parts.slice(1)));
  const [part, ...below] = parts;
  if (part === undefined) return false;
  const shape = new RegExp(`^${first.replaceAll('*', '.*').replaceAll('?', '.')}$`);
  return shape.test(part) && covers(rest, below);
}

test.each([
  ['src', 'src', true],
  ['src', 'src/a/b.ts', true],
  ['src', 'src/*.ts', true],
  ['**', 'anything/*', true],
  ['src', 'srcs/a', false],
  ['src/*', 'src/a', false],
  ['src/a', 'src', false],
])('%s covers %s: %p', (a, b, answer) => {
  expect(surelyCovers(a as RepoPath, b as RepoPath)).toBe(answer);
});
