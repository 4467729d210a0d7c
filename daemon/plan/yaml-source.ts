import { Composer, isAlias, isMap, isPair, isScalar, isSeq, Lexer, LineCounter, Parser, visit } from 'yaml';
import type { Document, Node, Pair, YAMLMap } from 'yaml';
import type { Diagnostic } from '../../bus-schema/diagnostic.js';
import { printable } from '../../bus-schema/printable.js';
import { fail, ok, type Result } from '../../bus-schema/result.js';
import type { Path, Place, Source } from './source.js';

/** Largest YAML or Markdown text that is read, in bytes. */
export const MAX_YAML_SIZE = 4 * 1024 ** 2;

/** Most lines of such a text; each costs, even an empty one. */
const MOST_LINES = 300_000;

/** Deepest nesting of lists and mappings; hand-written plans stay below ten. */
const DEEPEST = 64;
const MOST_ALIASES = 99;
/** After so many faults of syntax reading stops: of noise there could be one a byte, each dear to make. */
const MOST_FAULTS = 100;

/** Where the text stands in its file: a fenced block begins at some line and may be indented. */
export interface Origin {
  /** Lines of the file before the text's first. */
  readonly linesBefore: number;
  /** Characters cut off the beginning of each of the text's lines; missing means none. */
  readonly cut: readonly number[];
}

const WHOLE_FILE: Origin = { linesBefore: 0, cut: [] };

/** Something wrong, at an offset of the text where there is one place. */
interface Fault {
  readonly at?: number;
  readonly message: string;
  readonly remedy?: string;
}

/** Reads one YAML document, keeping the place of each value. Errors are syntax errors and what YAML could hide. */
export function readYaml(
  text: string,
  file: string,
  origin: Origin = WHOLE_FILE,
): Result<Source, Diagnostic[]> {
  const excess = tooLarge(text, file);
  if (excess !== undefined) return fail([excess]);
  const lines = new LineCounter();
  // The last line end of a block may not be there in its file.
  const end = origin === WHOLE_FILE ? text.length : Math.max(0, text.length - 1);
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(Math.min(offset, end));
    return { line: line + origin.linesBefore, column: col + (origin.cut[line - 1] ?? 0) };
  };
  const diagnose = (severity: Diagnostic['severity'], { at, ...rest }: Fault): Diagnostic => ({
    severity,
    file,
    ...(at === undefined ? {} : placeAt(at)),
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

/**
 * The parser recurses with the nesting of the text, and deep recursion inside it can end the whole process, past any
 * `catch`. Its first stage keeps a stack of its own instead, so the depth is read there and nothing deeper goes on.
 */
function compose(text: string, lines: LineCounter): Result<Document.Parsed, Fault[]> {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  let tooDeepAt: number | undefined;
  let documents = 0;
  let odd = 0;
  function* tokens(): ReturnType<Parser['parse']> {
    for (const lexeme of new Lexer().lex(text)) {
      const before = parser.offset;
      for (const token of parser.next(lexeme)) {
        yield token;
        if (token.type === 'document') documents++;
        else if (token.type === 'error' || token.type === 'doc-end') odd++;
      }
      // One level is the document, one the scalar.
      if (parser.stack.length > DEEPEST + 2) tooDeepAt = before;
      if (tooDeepAt !== undefined || documents > 1 || odd > MOST_FAULTS) return;
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
  const flood = stopAtFlood(composer);
  let parsed: Document.Parsed[];
  try {
    parsed = [...composer.compose(tokens(), true, text.length)];
  } catch (error) {
    if (error !== flood) throw error;
    return fail([...flood.faults, { message: 'there are more faults of syntax' }]);
  }
  const [document, second] = parsed;
  if (tooDeepAt !== undefined) {
    return fail([
      { at: tooDeepAt, message: `it is nested deeper than ${DEEPEST} levels`, remedy: 'Nest it less' },
    ]);
  }
  if (document === undefined) throw new Error('Internal error: the YAML composer made no document');
  const faults = document.errors.map(({ message, pos }) => syntaxFault(message, pos[0]));
  if (second !== undefined) {
    const remedy = 'Keep one, and put the others into files of their own';
    faults.push({ at: second.range[0], message: 'a second YAML document begins here', remedy });
  }
  const all = faults.length > 0 ? faults : hiddenFaults(document);
  return all.length > 0 ? fail(all) : ok(document);
}

function syntaxFault(message: string, at: number): Fault {
  return { at, message: `not valid YAML: ${printable(message.replace(/\.$/, ''))}` };
}

/** What the composer blames: an offset, a range, or a token. */
type Blamed = number | readonly [number, number] | { readonly offset: number };

/** Thrown out of the composer when there are too many faults. */
class Flood extends Error {
  readonly faults: Fault[] = [];
}

/** The composer makes an error, with a stack, of every fault and knows no end; a megabyte of noise would take a minute. */
function stopAtFlood(composer: Composer): Flood {
  const flood = new Flood('too many faults');
  const original = Reflect.get(composer, 'onError') as (...told: unknown[]) => void;
  let warningCount = 0;
  Object.defineProperty(composer, 'onError', {
    value: (blamed: Blamed, code: unknown, message: string, isWarning?: boolean) => {
      if (isWarning === true && ++warningCount > MOST_FAULTS) return;
      original(blamed, code, message, isWarning);
      if (isWarning === true) return;
      const at = typeof blamed === 'number' ? blamed : 'offset' in blamed ? blamed.offset : blamed[0];
      flood.faults.push(syntaxFault(message, at));
      if (flood.faults.length >= MOST_FAULTS) throw flood;
    },
  });
  return flood;
}

/** Faults that would silently lose or multiply data: equal keys, merge keys, aliases that lead nowhere or too far. */
function hiddenFaults(document: Document.Parsed): Fault[] {
  const faults: Fault[] = [];
  const anchors = new Set<string>();
  let aliasCount = 0;
  visit(document, {
    Node(_key, node, above) {
      if (faults.length >= MOST_FAULTS) return visit.BREAK;
      const at = startOf(node);
      if (isMap(node)) addKeyFaults(node, faults);
      if (!isAlias(node)) {
        if (node.anchor !== undefined) anchors.add(node.anchor);
        return undefined;
      }
      const name = printable(node.source, 60);
      if (++aliasCount === MOST_ALIASES + 1)
        faults.push({ at, message: `there are more than ${MOST_ALIASES} aliases` });
      if (!anchors.has(node.source))
        faults.push({ at, message: `alias *${name} has no anchor &${name} before it` });
      else if (above.some(outer => !isPair(outer) && 'anchor' in outer && outer.anchor === node.source)) {
        faults.push({ at, message: `alias *${name} stands inside of what it stands for` });
      }
      return undefined;
    },
  });
  return faults;
}

function addKeyFaults(map: YAMLMap, faults: Fault[]): void {
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
    if (faults.length >= MOST_FAULTS) return;
  }
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

const keyText = (key: unknown): string => (isScalar(key) ? String(key.value) : String(key));

const rangeOf = (node: unknown): Node['range'] =>
  isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range : null;

const startOf = (node: unknown): number => rangeOf(node)?.[0] ?? 0;
