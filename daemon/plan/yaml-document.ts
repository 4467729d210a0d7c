import { Composer, isAlias, isMap, isPair, isScalar, isSeq, Lexer, Parser, visit } from 'yaml';
import type { Document, Node, YAMLMap } from 'yaml';
import { printable } from '../../bus-schema/printable.js';
import { fail, ok, type Result } from '../../bus-schema/result.js';

/** Largest YAML or Markdown text that is read, in bytes; and, with all aliases written out, the largest YAML. */
export const MAX_YAML_SIZE = 4 * 1024 ** 2;

/** Deepest nesting of lists and mappings; hand-written plans stay below ten. */
const DEEPEST = 64;
export const MOST_ALIASES = 99;
/** After so many faults reading stops: of noise there could be one a byte, each dear to make. */
const MOST_FAULTS = 100;
/**
 * Keys, values and marks in a text of up to a MiB, and in each MiB of a longer one: reading that many takes most of a second.
 * A MiB of tasks with title, command, files and dependencies has 160,000, one of tasks with a short command and a dependency
 * each 190,000, or 230,000 in braces. What is denser has few words, and more than 20,000 tasks.
 */
const MOST_PIECES = 250_000;
const PIECES_OF = 1024 ** 2;
const WRITE_OUT = 'Write the values out';

/** Something wrong, at an offset of the text where there is one place. */
export interface Fault {
  readonly at?: number;
  readonly message: string;
  readonly remedy?: string;
}

/** What the parser's first stage has seen: why it stopped, if it did. */
interface Seen {
  tooDeepAt?: number;
  documents: number;
  odd: number;
  piecesLeft: number;
}

/**
 * The parser recurses with the nesting of the text, and deep recursion inside it can end the whole process, past any
 * `catch`. Its first stage keeps a stack of its own instead, so the depth is read there and nothing deeper goes on.
 */
function* tokensOf(text: string, seen: Seen): ReturnType<Parser['parse']> {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    const before = parser.offset;
    // White space and the lexer's own control characters are no pieces.
    if (lexeme.charCodeAt(0) > 0x20) seen.piecesLeft--;
    for (const token of parser.next(lexeme)) {
      yield token;
      if (token.type === 'document') seen.documents++;
      else if (token.type === 'error' || token.type === 'doc-end') seen.odd++;
    }
    // One level is the document, one the scalar.
    if (parser.stack.length > DEEPEST + 2) seen.tooDeepAt = before;
    if (seen.tooDeepAt !== undefined || seen.piecesLeft < 0) return;
    if (seen.documents > 1 || seen.odd > MOST_FAULTS) return;
  }
  yield* parser.end();
}

export function parseDocument(text: string): Result<Document.Parsed, Fault[]> {
  const most = Math.max(MOST_PIECES, 1000 * Math.floor((MOST_PIECES / 1000) * (text.length / PIECES_OF)));
  const seen: Seen = { documents: 0, odd: 0, piecesLeft: most };
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
    parsed = [...composer.compose(tokensOf(text, seen), true, text.length)];
  } catch (error) {
    if (error !== flood) throw error;
    return fail([...flood.faults, { message: 'there are more faults of syntax' }]);
  }
  if (seen.tooDeepAt !== undefined) {
    const message = `it is nested deeper than ${DEEPEST} levels`;
    return fail([{ at: seen.tooDeepAt, message, remedy: 'Nest it less' }]);
  }
  if (seen.piecesLeft < 0) {
    const message = `it has more than the ${most} keys, values and marks such as commas that are read of a YAML text of its length`;
    return fail([{ message, remedy: 'Write a plan of this size as JSON' }]);
  }
  const [document, second] = parsed;
  if (document === undefined) throw new Error('Internal error: the YAML composer made no document');
  const faults = document.errors.map(({ message, pos }) => syntaxFault(message, pos[0]));
  if (second !== undefined) {
    const remedy = 'Keep one, and put the others into files of their own';
    faults.push({ at: second.range[0], message: 'a second YAML document begins here', remedy });
  }
  const all = faults.length > 0 ? faults : hiddenFaults(document, text.length);
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
function hiddenFaults(document: Document.Parsed, size: number): Fault[] {
  const faults: Fault[] = [];
  const anchors = new Map<string, Node>();
  const aliases: { readonly at: number; readonly adds: number }[] = [];
  let writtenOut = size;
  visit(document, {
    Node(_key, node, above) {
      if (faults.length >= MOST_FAULTS) return visit.BREAK;
      const at = startOf(node);
      if (isMap(node)) addKeyFaults(node, faults);
      if (!isAlias(node)) {
        if (node.anchor !== undefined) anchors.set(node.anchor, node);
        return undefined;
      }
      const name = printable(node.source, 60);
      const target = anchors.get(node.source);
      if (target === undefined)
        faults.push({ at, message: `alias *${name} has no anchor &${name} before it` });
      else if (above.some(outer => !isPair(outer) && 'anchor' in outer && outer.anchor === node.source))
        faults.push({ at, message: `alias *${name} stands inside of what it stands for` });
      if (aliases.length === MOST_ALIASES) {
        faults.push({ at, message: `there are more than ${MOST_ALIASES} aliases` });
        return visit.BREAK;
      }
      const [from = 0, to = 0] = rangeOf(target) ?? [];
      const inside = aliases.filter(alias => alias.at >= from && alias.at < to);
      const adds = inside.reduce((sum, alias) => sum + alias.adds, to - from);
      aliases.push({ at, adds });
      writtenOut += adds;
      if (writtenOut <= MAX_YAML_SIZE) return undefined;
      faults.push({
        at,
        message: 'the aliases up to here stand for far more than they should',
        remedy: WRITE_OUT,
      });
      return visit.BREAK;
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
    // In quotes it is a name like any other.
    if (name === '<<' && isScalar(key) && key.type === 'PLAIN') {
      const remedy = 'Write the keys out, or put the name in quotes if it is one';
      faults.push({ at, message: 'merge keys (<<) are no part of YAML 1.2 and are not followed', remedy });
    }
    seen.add(name);
    if (faults.length >= MOST_FAULTS) return;
  }
}

export const keyText = (key: unknown): string => (isScalar(key) ? String(key.value) : String(key));

export const rangeOf = (node: unknown): Node['range'] =>
  isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range : null;

export const startOf = (node: unknown): number => rangeOf(node)?.[0] ?? 0;
