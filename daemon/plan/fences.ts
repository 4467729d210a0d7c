/** A fenced block of Markdown; line numbers count from 0, `to` is behind the last line of what is inside. */
export interface Fence {
  readonly language: string;
  readonly from: number;
  readonly to: number;
  /** Column of the fence itself: so much white space its content may be indented by. */
  readonly indent: number;
}

/** Lines of a text, from the first up to, and without, the second. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A DAG block, and the part of the file that it stands in: all of it, or the inside of an outer fence. */
export interface DagBlock extends Fence {
  readonly around: Span;
}

/** Fences in fences in fences: more is no plan. */
const DEEPEST = 8;

/**
 * The fences of a span that stand in no other fence. Lenient where people are: a fence may follow a list marker and be
 * indented as deep as its list is; one that is never closed goes on to the end.
 */
export function fencesIn(lines: readonly string[], { from, to }: Span): Fence[] {
  const fences: Fence[] = [];
  for (let i = from; i < to; i++) {
    const opening = /^(\s*(?:(?:[-*+]|\d{1,9}[.)])\s+)*)(`{3,}|~{3,})([^\r]*)/.exec(lines[i] ?? '');
    if (opening === null) continue;
    const [, before = '', mark = '', info = ''] = opening;
    // Three back-ticks with more of them on the line are code within a sentence.
    if (mark.startsWith('`') && info.includes('`')) continue;
    let end = i + 1;
    while (end < to && !closes(lines[end] ?? '', mark)) end++;
    const language = info.trim().split(/\s/, 1)[0] ?? '';
    fences.push({ language: language.toLowerCase(), from: i + 1, to: end, indent: before.length });
    i = end;
  }
  return fences;
}

function closes(line: string, mark: string): boolean {
  const text = line.trim();
  return text.length >= mark.length && text === mark.charAt(0).repeat(text.length);
}

/** Numbers of the lines of a span that stand in no fence. */
export function proseLines(lines: readonly string[], span: Span = { from: 0, to: lines.length }): number[] {
  const prose: number[] = [];
  let i = span.from;
  for (const { from, to } of fencesIn(lines, span)) {
    for (; i < from - 1; i++) prose.push(i);
    i = to + 1;
  }
  for (; i < span.to; i++) prose.push(i);
  return prose;
}

/** The blocks with a top-level `dag:` key. An outer one hides what is deeper: samples are nested, plans are not. */
export function dagBlocks(lines: readonly string[]): DagBlock[] {
  let spans: Span[] = [{ from: 0, to: lines.length }];
  for (let depth = 0; depth < DEEPEST && spans.length > 0; depth++) {
    const fences = spans.flatMap(around => fencesIn(lines, around).map(fence => ({ ...fence, around })));
    const found = fences.filter(fence => isDag(lines, fence));
    if (found.length > 0) return found;
    spans = fences;
  }
  return [];
}

function isDag(lines: readonly string[], { language, from, to }: Fence): boolean {
  if (language !== '' && language !== 'yaml' && language !== 'yml') return false;
  let least = Infinity;
  let found = false;
  for (let i = from; i < to; i++) {
    const line = lines[i] ?? '';
    const indent = line.search(/\S/);
    if (indent === -1 || line.charAt(indent) === '#' || indent > least) continue;
    if (indent < least) found = false;
    least = indent;
    const content = line.slice(indent);
    // A fence cannot begin a line of YAML: this is Markdown with a block of its own.
    if (/^(```|~~~)/.test(content)) return false;
    found ||= /^(dag|"dag"|'dag')\s*:(\s|$)/.test(content) || /^\{\s*["']?dag["']?\s*:/.test(content);
  }
  return found;
}

/** A block's text without the indentation of its fence, and how much was cut off each line. */
export function unindented(
  lines: readonly string[],
  { from, to, indent }: Fence,
): { text: string; cut: number[] } {
  const cut: number[] = [];
  const bare = lines.slice(from, to).map(line => {
    const blank = line.search(/[^ \t]|$/);
    cut.push(Math.min(indent, blank));
    return line.slice(Math.min(indent, blank));
  });
  // With the last line's end, or a carriage return there would stand alone.
  return { text: `${bare.join('\n')}\n`, cut };
}
