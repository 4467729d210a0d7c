/** The part of a file between two lines of dashes at its beginning. */
export interface FrontMatter {
  readonly text: string;
  /** Lines of the file before the first of the text. */
  readonly linesBefore: number;
  /** Number of the line behind it. */
  readonly to: number;
}

/** Headings and blank lines may stand before it: plan files name themselves there. */
export function frontMatterOf(lines: readonly string[]): FrontMatter | undefined {
  let from = 0;
  while (from < lines.length && /^\s*(#|$)/.test(lines[from] ?? '')) from++;
  if (!isFence(lines[from])) return undefined;
  let to = from + 1;
  while (to < lines.length && !isFence(lines[to])) to++;
  if (to === lines.length) return undefined;
  // With the last line's end, or a carriage return there would stand alone.
  return { text: `${lines.slice(from + 1, to).join('\n')}\n`, linesBefore: from + 1, to: to + 1 };
}

const isFence = (line: string | undefined): boolean => line?.trimEnd() === '---';

const ROOT = /^(?:tasks|"tasks"|'tasks')\s*:\s*(?:#.*)?$/;
const KEY = /^["']?([A-Za-z_]\w*)["']?\s*:(?:\s|$)/;

const FLOW_KEY = /[{,]\s*["']?([A-Za-z_]\w*)["']?\s*:(?=\s|$)/g;

/**
 * The keys of the entries of a top-level `tasks:` list found by their indentation: what a block of text
 * below a task says is none of them.
 */
export function taskKeysIn(lines: readonly string[]): Set<string> {
  const keys = new Set<string>();
  const start = lines.findIndex(line => ROOT.test(line.trimEnd()));
  if (start === -1) return keys;
  let list: number | undefined;
  let column: number | undefined;
  for (const line of lines.slice(start + 1)) {
    const indent = line.search(/\S/);
    if (indent === -1 || line.charAt(indent) === '#') continue;
    const isEntry = /^-\s/.test(line.slice(indent, indent + 2)) || line.slice(indent).trimEnd() === '-';
    if (list === undefined && isEntry) list = indent;
    if (list === undefined || indent < list || (indent === list && !isEntry)) break;
    // An entry's first key may stand on the line of its dash.
    const bare = indent === list ? line.replace('-', ' ') : line;
    const at = bare.search(/\S/);
    if (at === -1) continue;
    column ??= at;
    if (at !== column) continue;
    const [, key] = KEY.exec(bare.slice(at, at + 100)) ?? [];
    if (key !== undefined) keys.add(key);
    else if (bare.charAt(at) === '{')
      for (const [, inBraces = ''] of bare.matchAll(FLOW_KEY)) keys.add(inBraces);
  }
  return keys;
}
