import { createScanner, printParseErrorCode, visit, type ParseErrorCode } from 'jsonc-parser';
import { nestingOf } from '../../bus-schema/codec.js';
import type { Diagnostic } from '../../bus-schema/diagnostic.js';
import { printable } from '../../bus-schema/printable.js';
import { fail, ok, type Result } from '../../bus-schema/result.js';
import { childrenAt, nextMark, skipValue, type Child } from './json-places.js';
import type { Path, Place, Source } from './source.js';

/** Largest JSON text that is read, in bytes; a plan of 100,000 tasks has about a quarter of it. */
export const MAX_JSON_SIZE = 64 * 1024 ** 2;

const DEEPEST = 64;
/** After so many comments the reader has the idea. */
const MOST_COMMENTS = 50;

/** Reads JSON at the parser's full speed; places are looked up in the text only when something is wrong. */
export function readJson(text: string, file: string): Result<Source, Diagnostic[]> {
  const report = (message: string, place?: Place, remedy?: string): Result<Source, Diagnostic[]> =>
    fail([{ severity: 'error', file, ...place, message, ...(remedy === undefined ? {} : { remedy }) }]);
  if (text.length > MAX_JSON_SIZE) {
    return report(`the file is larger than the ${MAX_JSON_SIZE / 1024 ** 2} MiB that are read of JSON`);
  }
  if (nestingOf(text) > DEEPEST) return report(`it is nested deeper than ${DEEPEST} levels`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const fault = syntaxFault(text);
    if (isComment(text, fault.at))
      return fail(
        commentsIn(text).map(at => ({ severity: 'error', file, ...placeAt(text, at), ...COMMENT })),
      );
    return report(`not valid JSON: ${fault.message}`, placeAt(text, fault.at));
  }
  // JSON.parse keeps the last of equal keys and says nothing. The colons tell whether any was lost.
  if (keysWritten(text) !== keysOf(value)) {
    const twice = firstEqualKey(text);
    return report(
      `key ${printable(twice.key, 60)} is given twice`,
      placeAt(text, twice.at),
      'Keep one of the two',
    );
  }
  return ok(sourceOf(text, file, value));
}

/** Thrown out of the parser at the first fault. */
class Fault extends Error {
  readonly at: number;

  constructor(code: ParseErrorCode, at: number) {
    super(
      printParseErrorCode(code)
        .replace(/([a-z])([A-Z])/g, '$1 $2')
        .toLowerCase(),
    );
    this.at = at;
  }
}

/**
 * The parser of the platform often does not say where it failed; this one does. It goes no further than the first fault: its
 * recursion follows the nesting, and behind a fault that is not what was counted.
 */
function syntaxFault(text: string): { at: number; message: string } {
  const onError = (code: ParseErrorCode, at: number): never => {
    throw new Fault(code, at);
  };
  try {
    visit(text, { onError }, { disallowComments: true, allowTrailingComma: false });
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  return { at: 0, message: 'it cannot be parsed' };
}

/** Where comments begin: people write them into JSON, which has none. */
function commentsIn(text: string): number[] {
  const scanner = createScanner(text, false);
  const found: number[] = [];
  for (let mark = nextMark(text, scanner); mark !== ''; mark = nextMark(text, scanner)) {
    const at = scanner.getTokenOffset();
    if (isComment(text, at) && found.push(at) === MOST_COMMENTS) break;
  }
  return found;
}

const isComment = (text: string, at: number): boolean =>
  text.startsWith('/*', at) || text.startsWith('//', at);

const COMMENT = {
  message: 'not valid JSON: a comment begins here, and JSON has none',
  remedy: 'Remove it, or write what it stands for',
};

function keysWritten(text: string): number {
  let count = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (quoted) {
      if (code === 0x5c) i++;
      else if (code === 0x22) quoted = false;
    } else if (code === 0x22) quoted = true;
    else if (code === 0x3a) count++;
  }
  return count;
}

/** Recursion is safe: the nesting has been counted. */
function keysOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let count = Array.isArray(value) ? 0 : Object.keys(value).length;
  for (const inner of Object.values(value)) count += keysOf(inner);
  return count;
}

function firstEqualKey(text: string): { key: string; at: number } {
  const scanner = createScanner(text, true);
  const open: Set<string>[] = [];
  let previous = { key: '', at: 0 };
  for (let mark = nextMark(text, scanner); mark !== ''; mark = nextMark(text, scanner)) {
    if (mark === '{') open.push(new Set());
    else if (mark === '}') open.pop();
    else if (mark === '"') previous = { key: scanner.getTokenValue(), at: scanner.getTokenOffset() };
    else if (mark === ':') {
      if (open.at(-1)?.has(previous.key) === true) return previous;
      open.at(-1)?.add(previous.key);
    }
  }
  throw new Error('Internal error: keys were lost, but none is there twice');
}

function sourceOf(text: string, file: string, value: unknown): Source {
  /** Children by the offset of their list or mapping: a list of 100,000 is gone through once, not once a mistake. */
  const known = new Map<number, Map<string | number, Child>>();
  const find = (path: Path): Child => {
    let child: Child = { keyAt: text.search(/\S|$/), valueAt: text.search(/\S|$/) };
    for (const step of path) {
      const children = known.get(child.valueAt) ?? childrenAt(text, child.valueAt);
      known.set(child.valueAt, children);
      const next = children.get(step);
      if (next === undefined) break;
      child = next;
    }
    return child;
  };
  return {
    file,
    value,
    warnings: [],
    placeOf: (path, part) => placeAt(text, part === 'key' ? find(path).keyAt : find(path).valueAt),
    writtenAt: path => {
      const { valueAt } = find(path);
      return text.slice(valueAt, skipValue(text, valueAt));
    },
  };
}

function placeAt(text: string, offset: number): Place {
  let line = 1;
  let lineStart = 0;
  for (let end = text.indexOf('\n'); end !== -1 && end < offset; end = text.indexOf('\n', end + 1)) {
    line++;
    lineStart = end + 1;
  }
  return { line, column: offset - lineStart + 1 };
}
