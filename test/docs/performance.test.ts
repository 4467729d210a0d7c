import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ROOT } from '../tidy/source.js';
import { linksOf } from './shown-by.js';

const PAGE = 'docs/performance.md';
const page = readFileSync(join(ROOT, PAGE), 'utf8');
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

test('every command that is named is there, and every bench is named', () => {
  const named = new Set([...page.matchAll(/npm run ([\w:]+)/g)].map(([, name = '']) => name));
  expect([...named].filter(name => scripts[name] === undefined)).toEqual([]);
  const benches = Object.keys(scripts).filter(name => name === 'bench' || name.startsWith('bench:'));
  expect(benches.filter(name => !named.has(name))).toEqual([]);
});

test('every link leads somewhere, and the page is linked', () => {
  const inside = linksOf(PAGE).filter(target => !/^https?:/.test(target));
  const broken = inside.filter(target => !existsSync(join(ROOT, 'docs', target.split('#')[0] ?? '')));
  expect(broken).toEqual([]);
  expect(linksOf('README.md')).toContain(PAGE);
});

test('every file of the benches that is named is there', () => {
  const named = [...page.matchAll(/`(bench\/[\w/.-]+\.(?:ts|json))`/g)].map(([, path = '']) => path);
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter(path => !existsSync(join(ROOT, path)))).toEqual([]);
});
