/** Where an object stands in a text: from its first brace to behind its last. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * All complete JSON objects in a text that is otherwise anything, those within another one left out; the last first.
 *
 * Linear, though each brace may be a beginning: a reading that breaks off breaks off for all objects that are open in it,
 * so they are not begun anew; and what it took for the inside of a string can be read in one other way only.
 */
export function jsonObjectsFromEnd(text: string): Span[] {
  const begun = new Uint8Array(text.length);
  const spans: Span[] = [];
  let from = 0;
  for (;;) {
    const start = text.indexOf('{', from);
    if (start === -1) break;
    from = start + 1;
    if (begun[start] === 1) continue;
    const reading = readFrom(text, start, begun);
    for (const span of reading.spans) spans.push(span);
    if (reading.complete) from = reading.end;
  }
  return spans.sort((a, b) => b.end - a.end);
}

type Expected = 'key' | 'key or end' | 'colon' | 'value' | 'value or end' | 'comma or end';

interface Reading {
  readonly text: string;
  /** Where each open object begins; for an open list its complement, which is negative. */
  readonly open: number[];
  readonly begun: Uint8Array;
  readonly spans: Span[];
}

function readFrom(
  text: string,
  start: number,
  begun: Uint8Array,
): { readonly spans: readonly Span[]; readonly end: number; readonly complete: boolean } {
  const reading: Reading = { text, open: [], begun, spans: [] };
  let expected: Expected = 'value';
  let at = start;
  do {
    const step = stepAt(reading, skipSpace(text, at), expected);
    if (step === undefined) return { spans: reading.spans, end: at, complete: false };
    [at, expected] = step;
  } while (reading.open.length > 0);
  return { spans: reading.spans, end: at, complete: true };
}

/** Reads one token: where it ends, and what may follow. Undefined where JSON has no such token. */
function stepAt(reading: Reading, at: number, expected: Expected): [number, Expected] | undefined {
  const character = reading.text[at];
  switch (expected) {
    case 'colon':
      return character === ':' ? [at + 1, 'value'] : undefined;
    case 'comma or end':
      if (character === ',') return [at + 1, inObject(reading) ? 'key' : 'value'];
      return close(reading, at);
    case 'key or end':
      return character === '}' ? close(reading, at) : keyAt(reading, at);
    case 'key':
      return keyAt(reading, at);
    case 'value or end':
      return character === ']' ? close(reading, at) : valueAt(reading, at);
    case 'value':
      return valueAt(reading, at);
  }
}

function inObject({ open }: Reading): boolean {
  return (open.at(-1) ?? -1) >= 0;
}

function close(reading: Reading, at: number): [number, Expected] | undefined {
  const { text, open, spans } = reading;
  if (text[at] !== (inObject(reading) ? '}' : ']')) return undefined;
  const start = open.pop() ?? -1;
  if (start >= 0) {
    while ((spans.at(-1)?.start ?? -1) > start) spans.pop();
    spans.push({ start, end: at + 1 });
  }
  return [at + 1, 'comma or end'];
}

function keyAt({ text }: Reading, at: number): [number, Expected] | undefined {
  const end = text[at] === '"' ? endOfString(text, at) : undefined;
  return end === undefined ? undefined : [end, 'colon'];
}

function valueAt({ text, open, begun }: Reading, at: number): [number, Expected] | undefined {
  switch (text[at]) {
    case '{':
      begun[at] = 1;
      open.push(at);
      return [at + 1, 'key or end'];
    case '[':
      open.push(~at);
      return [at + 1, 'value or end'];
    case '"': {
      const end = endOfString(text, at);
      return end === undefined ? undefined : [end, 'comma or end'];
    }
    case undefined:
    default: {
      const end = endOfScalar(text, at);
      return end === undefined ? undefined : [end, 'comma or end'];
    }
  }
}

function skipSpace(text: string, at: number): number {
  let next = at;
  while (text[next] === ' ' || text[next] === '\n' || text[next] === '\r' || text[next] === '\t') next++;
  return next;
}

const ESCAPE = /["\\/bfnrt]|u[0-9a-fA-F]{4}/y;
const SCALAR = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)/y;

function endOfScalar(text: string, at: number): number | undefined {
  SCALAR.lastIndex = at;
  return SCALAR.test(text) ? SCALAR.lastIndex : undefined;
}

/** @param at where its first quote stands */
function endOfString(text: string, at: number): number | undefined {
  for (let next = at + 1; next < text.length;) {
    const character = text[next] ?? '';
    if (character === '"') return next + 1;
    if (character < ' ') return undefined;
    if (character !== '\\') next++;
    else {
      ESCAPE.lastIndex = next + 1;
      if (!ESCAPE.test(text)) return undefined;
      next = ESCAPE.lastIndex;
    }
  }
  return undefined;
}
