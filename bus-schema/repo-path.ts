import { fail, ok, type Result } from './result.js';

declare const repoPathBrand: unique symbol;

/**
 * What a task locks: a file, a folder or a glob inside the repo, with `/` between its parts, no `.`, no `..`, no
 * leading `/`. The whole repo is `**`.
 */
export type RepoPath = string & { readonly [repoPathBrand]: true };

/** Longest path and most parts taken; plans from the wild stay below a tenth of it. */
const LONGEST = 1024;

/**
 * Reads a path as people write it in plans: back-ticks around it, notes behind it (`(delete)`, `(16 files)`,
 * `:45-60`) and a leading `./` are no part of it.
 */
export function parseRepoPath(text: string): Result<RepoPath, string> {
  const bare = withoutRemark(text.trim().replace(/`/g, '').trimEnd())
    .replace(/:\d+(-\d+)?$/, '')
    .trim();
  if (bare === '') return fail('the path is empty');
  if (bare.length > LONGEST) return fail(`the path is longer than ${LONGEST} characters`);
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(bare)) return fail('the path has a control character in it');
  if (bare.startsWith('/') || bare.startsWith('~'))
    return fail(`"${bare}" is not inside the repo; write it relative to the repo's root`);
  const parts: string[] = [];
  for (const part of bare.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined)
      return fail(`"${bare}" leaves the repo; write it relative to the repo's root`);
  }
  return ok((parts.length === 0 ? '**' : parts.join('/')) as RepoPath);
}

/** `a.py (delete)` → `a.py`. By hand: a pattern's time would grow with the square of a row of blanks. */
function withoutRemark(text: string): string {
  if (!text.endsWith(')')) return text;
  const open = text.lastIndexOf('(');
  const isRemark = open > 0 && !text.slice(open, -1).includes(')') && /\s/.test(text.charAt(open - 1));
  return isRemark ? text.slice(0, open).trimEnd() : text;
}

/**
 * Whether two paths can mean one file. A path covers all that lies below it (a file has nothing below it, so this is
 * right for both); `*` and `?` stay within a part, `**` crosses parts, `[…]` and `{…}` are taken as "anything".
 */
export function overlaps(a: RepoPath, b: RepoPath): boolean {
  if (a === b) return true;
  if (!isGlob(a) && !isGlob(b)) return a.startsWith(`${b}/`) || b.startsWith(`${a}/`);
  return sequencesMeet(a.split('/'), b.split('/'), '**', partsMeet, true);
}

/** Whether all that `b` can mean is surely within `a`. */
export function covers(a: RepoPath, b: RepoPath): boolean {
  return a === b || a === '**' || (!isGlob(a) && b.startsWith(`${a}/`));
}

function isGlob(path: string): boolean {
  return /[*?[{]/.test(path);
}

/** Alternatives are read as `*`: a lock too many costs a wait, one too few costs a file. */
function widen(part: string): string[] {
  return [...part.replace(/\[[^\]]*\]?|\{.*\}?/g, '*')];
}

const lettersMeet = (x: string, y: string): boolean => x === y || x === '?' || y === '?';

function partsMeet(x: string, y: string): boolean {
  return x === y || sequencesMeet(widen(x), widen(y), '*', lettersMeet, false);
}

/**
 * Whether two patterns have a common match, where `many` stands for any run of items. With `openEnd`, one being the
 * beginning of the other is enough. A table over both lengths, so no pattern is slow.
 */
function sequencesMeet(
  a: readonly string[],
  b: readonly string[],
  many: string,
  itemsMeet: (x: string, y: string) => boolean,
  openEnd: boolean,
): boolean {
  let row = new Array<boolean>(b.length + 1).fill(false);
  row[0] = true;
  for (let i = 0; i <= a.length; i++) {
    const below = new Array<boolean>(b.length + 1).fill(false);
    for (let j = 0; j <= b.length; j++) {
      if (row[j] !== true) continue;
      const [x, y] = [a[i], b[j]];
      if (x === undefined || y === undefined) {
        if (openEnd || (x === undefined && y === undefined)) return true;
      }
      if (x === many) below[j] = true;
      if (y === many || (x === many && y !== undefined)) row[j + 1] = true;
      if (y === many && x !== undefined) below[j] = true;
      if (x !== undefined && y !== undefined && itemsMeet(x, y)) below[j + 1] = true;
    }
    row = below;
  }
  return false;
}
