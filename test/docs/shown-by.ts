import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../tidy/source.js';
import { testTitles } from './test-titles.js';

/** A test as a page names it: `test/path.test.ts` › title, or a part of the title that no other there has. */
export interface Shown {
  readonly path: string;
  readonly title: string;
}

/** Cells of a line of a table; a bar with a backslash is text. */
export const cellsOf = (line: string): string[] =>
  line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map(cell => cell.trim().replaceAll('\\|', '|'));

export const quoted = (text: string): string | undefined => /^`([^`]+)`$/.exec(text)?.[1];

/** What is between the line breaks of a cell. */
export const partsOf = (cell: string): string[] => cell.split('<br>').map(part => part.trim());

/** Undefined where no test is named in the form that is wanted. */
export function readShown(part: string): Shown | undefined {
  const [place = '', ...title] = part.split(' › ');
  const path = quoted(place);
  return path === undefined || title.join('') === '' ? undefined : { path, title: title.join(' › ') };
}

/** What is wrong with the name of a test, if anything. */
export function missing({ path, title }: Shown, titlesOf = titlesIn): string | undefined {
  if (!/^test\/.*(\.test\.ts|\/stories\/[^/]+\.txt)$/.test(path) || !existsSync(join(ROOT, path)))
    return `there is no test file ${path}`;
  const titles = titlesOf(path);
  if (titles.includes(title)) return undefined;
  const meant = titles.filter(each => each.includes(title));
  if (meant.length === 1) return undefined;
  return meant.length === 0
    ? `${path} has no test "${title}"`
    : `"${title}" may be any of ${meant.length} tests of ${path}`;
}

const known = new Map<string, string[]>();

export function titlesIn(path: string): string[] {
  let titles = known.get(path);
  if (titles === undefined)
    known.set(path, (titles = testTitles(path, readFileSync(join(ROOT, path), 'utf8'))));
  return titles;
}

/** Where the links of a page lead, as they are written there. */
export function linksOf(page: string): string[] {
  const found = readFileSync(join(ROOT, page), 'utf8').matchAll(/\]\(([^)\s]+)\)/g);
  return [...found].map(([, target = '']) => target);
}
