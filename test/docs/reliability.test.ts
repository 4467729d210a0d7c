import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { KINDS } from '../crash/kinds.js';
import { ROOT } from '../tidy/source.js';
import { cellsOf, linksOf, missing, partsOf, readShown, titlesIn } from './shown-by.js';

const PAGE = 'docs/reliability.md';
const FAULTS = 51;
/** Its tests are named here by the kinds of crashes, from which it puts their titles together. */
const CRASHES = 'test/crash/crash.test.ts';

const page = readFileSync(join(ROOT, PAGE), 'utf8');
const rows = page
  .split('\n')
  .filter(line => /^\| \d/.test(line))
  .map(cellsOf);

const titlesOf = (path: string): string[] =>
  path === CRASHES ? KINDS.map(({ name }) => name) : titlesIn(path);

/** What is wrong with what a row is shown by: tests that there are, then at most one gap, said in words. */
function faultsIn(shownBy: string): string[] {
  const parts = partsOf(shownBy);
  return parts.flatMap((part, index) => {
    if (part.startsWith('gap: '))
      return index === parts.length - 1 && part.length > 25 ? [] : ['say the gap last, once, and in words'];
    const shown = readShown(part);
    if (shown === undefined) return [`write "${part}" as \`test/path.test.ts\` › title, or as a gap`];
    return missing(shown, titlesOf) ?? [];
  });
}

test('every fault has a row of four cells, each number once, in order', () => {
  expect(rows.map(([number]) => number)).toEqual(
    Array.from({ length: FAULTS }, (_, index) => String(index + 1)),
  );
  expect(rows.filter(cells => cells.length !== 4 || cells.includes(''))).toEqual([]);
});

test('every outcome is shown by tests that there are, or said to be a gap', () => {
  const wrong = rows.flatMap(([number, , , shownBy = '']) =>
    faultsIn(shownBy).map(what => `${number}: ${what}`),
  );
  expect(wrong).toEqual([]);
});

test('no outcome names a test twice', () => {
  const twice = rows.filter(([, , , shownBy = '']) => {
    const parts = partsOf(shownBy);
    return new Set(parts).size < parts.length;
  });
  expect(twice).toEqual([]);
});

test('every rule that a simulation can find broken is explained, and no other', () => {
  const code = ['checks.ts', 'life.ts', 'schedule.ts']
    .map(name => readFileSync(join(ROOT, 'test', 'simulation', name), 'utf8'))
    .join('\n');
  const rules = [...code.matchAll(/\bviolate\(\s*'(\w+)'/g)].map(([, rule]) => rule);
  const explained = page.split('\n').flatMap(line => /^\| (I\d+|state) \|/.exec(line)?.[1] ?? []);
  expect(rules.length).toBeGreaterThan(10);
  expect(explained.sort()).toEqual([...new Set(rules)].sort());
});

test('every kind of crash is named, and every command that is named is there', () => {
  expect(KINDS.filter(({ name }) => !page.includes(`\`${name}\``)).map(({ name }) => name)).toEqual([]);
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const named = [...page.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name);
  expect(named).toContain('simulate:mutants');
  expect(named.filter(name => scripts[name ?? ''] === undefined)).toEqual([]);
});

test('the page is linked', () => {
  expect(linksOf('README.md')).toContain(PAGE);
});
