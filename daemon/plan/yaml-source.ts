import { isMap, isSeq, LineCounter } from 'yaml';
import type { Document, Pair, YAMLMap } from 'yaml';
import type { Diagnostic } from '../../bus-schema/diagnostic.js';
import { fail, ok, type Result } from '../../bus-schema/result.js';
import type { Path, Place, Source } from './source.js';
import {
  keyText,
  MAX_YAML_SIZE,
  MOST_ALIASES,
  parseDocument,
  rangeOf,
  startOf,
  type Fault,
} from './yaml-document.js';

/** Most lines of such a text; each costs, even an empty one. */
const MOST_LINES = 300_000;

/** Where the text stands in its file: a fenced block begins at some line and may be indented. */
export interface Origin {
  /** Lines of the file before the text's first. */
  readonly linesBefore: number;
  /** Characters cut off the beginning of each of the text's lines; missing means none. */
  readonly cut: readonly number[];
}

const WHOLE_FILE: Origin = { linesBefore: 0, cut: [] };

/** Reads one YAML document, keeping the place of each value. Errors are syntax errors and what YAML could hide. */
export function readYaml(
  text: string,
  file: string,
  origin: Origin = WHOLE_FILE,
): Result<Source, Diagnostic[]> {
  const excess = tooLarge(text, file);
  if (excess !== undefined) return fail([excess]);
  let lines: LineCounter | undefined;
  // The last line end of a block may not be there in its file.
  const end = origin === WHOLE_FILE ? text.length : Math.max(0, text.length - 1);
  const placeAt = (offset: number): Place => {
    const { line, col } = (lines ??= linesOf(text)).linePos(Math.min(offset, end));
    return { line: line + origin.linesBefore, column: col + (origin.cut[line - 1] ?? 0) };
  };
  const diagnose = (severity: Diagnostic['severity'], { at, ...rest }: Fault): Diagnostic => ({
    severity,
    file,
    ...(at === undefined ? {} : placeAt(at)),
    ...rest,
  });
  const composed = parseDocument(text);
  if (!composed.ok) return fail(composed.error.map(fault => diagnose('error', fault)));
  const value = toValue(composed.value);
  if (!value.ok) return fail([diagnose('error', value.error)]);
  const warnings = composed.value.warnings.map(({ message, pos }) =>
    diagnose('warning', { at: pos[0], message }),
  );
  return ok(sourceOf(composed.value, value.value, { file, text, warnings, placeAt }));
}

/** The parser counts lines too, but forgets those of some scalars where something is wrong. */
function linesOf(text: string): LineCounter {
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines.addNewLine(at + 1);
  return lines;
}

/** What is said of a text that is too large to be read as YAML or Markdown; undefined for one that is not. */
export function tooLarge(text: string, file: string): Diagnostic | undefined {
  let most: string | undefined;
  if (text.length > MAX_YAML_SIZE) most = `${MAX_YAML_SIZE / 1024 ** 2} MiB`;
  else if (hasMoreLines(text, MOST_LINES)) most = `${MOST_LINES} lines`;
  if (most === undefined) return undefined;
  const message = `the file is larger than the ${most} that are read of YAML and Markdown`;
  return { severity: 'error', file, message, remedy: 'Write a plan of this size as JSON' };
}

function hasMoreLines(text: string, most: number): boolean {
  let count = 1;
  for (let end = text.indexOf('\n'); end !== -1 && count <= most; end = text.indexOf('\n', end + 1)) count++;
  return count > most;
}

function toValue(document: Document.Parsed): Result<unknown, Fault> {
  try {
    return ok(document.toJS({ maxAliasCount: MOST_ALIASES + 1 }) as unknown);
  } catch (error) {
    // Aliases of aliases multiply; the library counts what they would come to.
    if (!(error instanceof ReferenceError)) throw error;
    return fail({
      at: 0,
      message: 'its aliases stand for far more than they should',
      remedy: 'Write the values out',
    });
  }
}

function sourceOf(
  document: Document.Parsed,
  value: unknown,
  at: { file: string; text: string; warnings: Diagnostic[]; placeAt: (offset: number) => Place },
): Source {
  const nodeAt = nodeFinder(document);
  return {
    file: at.file,
    value,
    warnings: at.warnings,
    placeOf: (path, part) => at.placeAt(startOf(nodeAt(path, part))),
    writtenAt: path => {
      const node = nodeAt(path, 'value');
      return at.text.slice(startOf(node), rangeOf(node)?.[1]);
    },
  };
}

/** Finds the node of a path, or the last on the way there that exists. */
function nodeFinder(document: Document.Parsed): (path: Path, part: 'key' | 'value') => unknown {
  /** A mapping of thousands of keys is gone through once, not once a key. */
  const known = new Map<YAMLMap, Map<string | number, Pair>>();
  const pairOf = (map: YAMLMap, step: string | number): Pair | undefined => {
    const pairs = known.get(map) ?? new Map(map.items.map(pair => [keyText(pair.key), pair]));
    known.set(map, pairs);
    return pairs.get(step);
  };
  return (path, part) => {
    let node: unknown = document.contents;
    for (const [depth, step] of path.entries()) {
      let next: unknown;
      if (isMap(node)) {
        const pair = pairOf(node, step);
        next = part === 'key' && depth === path.length - 1 ? pair?.key : (pair?.value ?? pair?.key);
      } else if (isSeq(node) && typeof step === 'number') next = node.items[step];
      if (next === undefined || next === null) break;
      node = next;
    }
    return node;
  };
}
