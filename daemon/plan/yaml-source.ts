import { Composer, isAlias, isMap, isPair, isScalar, isSeq, Lexer, LineCounter, Parser, visit } from 'yaml';
import type { Document, Node, YAMLMap } from 'yaml';
import type { Diagnostic } from '../../bus-schema/diagnostic.js';
import { printable } from '../../bus-schema/printable.js';
import { fail, ok, type Result } from '../../bus-schema/result.js';
import type { Path, Place, Source } from './source.js';

/** Largest YAML or Markdown text that is read, in bytes. */
export const MAX_YAML_SIZE = 4 * 1024 ** 2;

/** Deepest nesting of lists and mappings; hand-written plans stay below ten. */
const DEEPEST = 64;
const MOST_ALIASES = 99;

/** Where the text stands in its file: a fenced block begins at some line and may be indented. */
export interface Origin {
  /** Lines of the file before the text's first. */
  readonly linesBefore: number;
  /** Characters cut off the beginning of each of the text's lines; missing means none. */
  readonly cut: readonly number[];
}

const WHOLE_FILE: Origin = { linesBefore: 0, cut: [] };

/** Something wrong at an offset of the text. */
interface Fault {
  readonly at: number;
  readonly message: string;
  readonly remedy?: string;
}

/** Reads one YAML document, keeping the place of each value. Errors are syntax errors and what YAML could hide. */
export function readYaml(
  text: string,
  file: string,
  origin: Origin = WHOLE_FILE,
): Result<Source, Diagnostic[]> {
  if (text.length > MAX_YAML_SIZE) return fail([tooLarge(file)]);
  const lines = new LineCounter();
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(Math.min(offset, text.length));
    return { line: line + origin.linesBefore, column: col + (origin.cut[line - 1] ?? 0) };
  };
  const diagnose = (severity: Diagnostic['severity'], { at, ...rest }: Fault): Diagnostic => ({
    severity,
    file,
    ...placeAt(at),
    ...rest,
  });
  const composed = compose(text, lines);
  if (!composed.ok) return fail(composed.error.map(fault => diagnose('error', fault)));
  const value = toValue(composed.value);
  if (!value.ok) return fail([diagnose('error', value.error)]);
  const warnings = composed.value.warnings.map(({ message, pos }) =>
    diagnose('warning', { at: pos[0], message }),
  );
  return ok(sourceOf(composed.value, value.value, { file, text, warnings, placeAt }));
}

/** What is said of a text that is too large to be read. */
export function tooLarge(file: string): Diagnostic {
  const message = `the file is larger than the ${MAX_YAML_SIZE / 1024 ** 2} MiB that are read of YAML and Markdown`;
  return { severity: 'error', file, message, remedy: 'Write a plan of this size as JSON' };
}

/**
 * The parser recurses with the nesting of the text, and deep recursion inside it can end the whole process, past any
 * `catch`. Its first stage keeps a stack of its own instead, so the depth is read there and nothing deeper goes on.
 */
function compose(text: string, lines: LineCounter): Result<Document.Parsed, Fault[]> {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  let tooDeepAt: number | undefined;
  function* tokens(): ReturnType<Parser['parse']> {
    for (const lexeme of new Lexer().lex(text)) {
      const before = parser.offset;
      yield* parser.next(lexeme);
      // One level is the document, one the scalar.
      if (parser.stack.length > DEEPEST + 2) {
        tooDeepAt = before;
        return;
      }
    }
    yield* parser.end();
  }
  // Its own check for equal keys compares each with each; `hiddenFaults` does it in one pass.
  const composer = new Composer({
    version: '1.2',
    schema: 'core',
    uniqueKeys: false,
    stringKeys: true,
    merge: false,
    prettyErrors: false,
    logLevel: 'error',
  });
  const [document, second] = composer.compose(tokens(), true, text.length);
  if (tooDeepAt !== undefined) {
    return fail([
      { at: tooDeepAt, message: `it is nested deeper than ${DEEPEST} levels`, remedy: 'Nest it less' },
    ]);
  }
  if (document === undefined) throw new Error('Internal error: the YAML composer made no document');
  const faults = document.errors.map(({ message, pos }): Fault => ({
    at: pos[0],
    message: `not valid YAML: ${printable(message.replace(/\.$/, ''))}`,
  }));
  if (second !== undefined) {
    const remedy = 'Keep one, and put the others into files of their own';
    faults.push({ at: second.range[0], message: 'a second YAML document begins here', remedy });
  }
  if (faults.length === 0) faults.push(...hiddenFaults(document));
  return faults.length > 0 ? fail(faults) : ok(document);
}

/** Faults that would silently lose or multiply data: equal keys, merge keys, aliases that lead nowhere or too far. */
function hiddenFaults(document: Document.Parsed): Fault[] {
  const faults: Fault[] = [];
  const anchors = new Set<string>();
  let aliasCount = 0;
  visit(document, {
    Node(_key, node, above) {
      const at = startOf(node);
      if (isMap(node)) faults.push(...keyFaults(node));
      if (!isAlias(node)) {
        if (node.anchor !== undefined) anchors.add(node.anchor);
        return;
      }
      const name = printable(node.source, 60);
      if (++aliasCount === MOST_ALIASES + 1)
        faults.push({ at, message: `there are more than ${MOST_ALIASES} aliases` });
      if (!anchors.has(node.source))
        faults.push({ at, message: `alias *${name} has no anchor &${name} before it` });
      else if (above.some(outer => !isPair(outer) && 'anchor' in outer && outer.anchor === node.source)) {
        faults.push({ at, message: `alias *${name} stands inside of what it stands for` });
      }
    },
  });
  return faults;
}

function keyFaults(map: YAMLMap): Fault[] {
  const faults: Fault[] = [];
  const seen = new Set<string>();
  for (const { key } of map.items) {
    const name = keyText(key);
    const at = startOf(key);
    if (seen.has(name)) {
      faults.push({
        at,
        message: `key ${printable(name, 60)} is given twice`,
        remedy: 'Keep one of the two',
      });
    }
    if (name === '<<') {
      const remedy = 'Write the keys out';
      faults.push({ at, message: 'merge keys (<<) are no part of YAML 1.2 and are not followed', remedy });
    }
    seen.add(name);
  }
  return faults;
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
  return {
    file: at.file,
    value,
    warnings: at.warnings,
    placeOf: (path, part) => at.placeAt(startOf(nodeAt(document, path, part))),
    writtenAt: path => {
      const node = nodeAt(document, path, 'value');
      return at.text.slice(startOf(node), rangeOf(node)?.[1]);
    },
  };
}

/** The node of a path, or the last on the way there that exists. */
function nodeAt(document: Document.Parsed, path: Path, part: 'key' | 'value'): unknown {
  let node: unknown = document.contents;
  for (const [depth, step] of path.entries()) {
    let next: unknown;
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => keyText(key) === step);
      next = part === 'key' && depth === path.length - 1 ? pair?.key : (pair?.value ?? pair?.key);
    } else if (isSeq(node) && typeof step === 'number') next = node.items[step];
    if (next === undefined || next === null) break;
    node = next;
  }
  return node;
}

const keyText = (key: unknown): string => (isScalar(key) ? String(key.value) : String(key));

const rangeOf = (node: unknown): Node['range'] =>
  isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range : null;

const startOf = (node: unknown): number => rangeOf(node)?.[0] ?? 0;
