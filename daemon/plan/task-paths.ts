/** Files that have no ending and are files all the same. */
const BARE_NAMES =
  /^(makefile|dockerfile|license|procfile|gemfile|rakefile|justfile|jenkinsfile|codeowners)$/i;
/** Others are so only in capitals. */
const CAPITAL_NAMES = /^(VERSION|README|CHANGELOG|CONTRIBUTING|COPYING|NOTICE|AUTHORS)$/;
const ENDING = /(^|[\w)\]*}-])\.[A-Za-z][A-Za-z0-9_-]*$/;
const LINES = /:\d+(?:-\d+)?(?:,\s*\d+(?:-\d+)?)*$/;
/** Longer than any path that is taken, so that one that is cut is refused for its length. */
const LONGEST = 1100;

/**
 * The paths that a line about files names. In back-ticks it is what looks like a path; without any, what does in a list
 * with commas. The rest (`validation only`, `routes as needed`) is a remark to whoever reads it.
 */
export function pathsIn(text: string): string[] {
  const pieces = text.split('`');
  if (pieces.length < 3) return text.split(/[,;]/).flatMap(pathsInWords);
  let depth = 0;
  return pieces.flatMap((piece, index) => {
    // Code in a parenthesis is about the file before it.
    if (index % 2 === 1) return depth === 0 && looksLikePath(bareOf(piece)) ? [bareOf(piece)] : [];
    depth = Math.max(0, depth + piece.split('(').length - piece.split(')').length);
    return [];
  });
}

function pathsInWords(text: string): string[] {
  const words = text
    .slice(0, LONGEST)
    .replace(/(^|\s)\([^()]*\)/g, ' ')
    .split(/\s+/)
    .map(word => word.replace(/^["']+|["'.]+$/g, ''))
    .filter(word => !/^[-–—:]*$/.test(word))
    .map(bareOf);
  if (words.length === 1) return words.filter(looksLikePath);
  // In a sentence, a slash alone may stand for "or".
  return words.filter(word => word.includes('/') && ENDING.test(word) && looksLikePath(word));
}

function looksLikePath(path: string): boolean {
  if (path === '' || /\s|:\/\/|[<>|=;]/.test(path)) return false;
  return (
    /[/*]/.test(path) ||
    ENDING.test(path) ||
    /^\.[A-Za-z]/.test(path) ||
    BARE_NAMES.test(path) ||
    CAPITAL_NAMES.test(path)
  );
}

/** Without the lines it speaks of and without a note, `a.ts:10-20`, `b.py (new)`. */
function bareOf(text: string): string {
  const cut = text.slice(0, LONGEST).trim();
  const note = cut.endsWith(')') ? cut.lastIndexOf(' (') : -1;
  return (note === -1 ? cut : cut.slice(0, note)).trim().replace(LINES, '');
}
