import { createScanner, type JSONScanner } from 'jsonc-parser';

/** Offsets of an entry; in a list, which has no keys, both are the same. */
export interface Child {
  readonly keyAt: number;
  readonly valueAt: number;
}

/** The entries of the list or mapping at an offset of valid JSON, by key or position; none for a scalar. */
export function childrenAt(text: string, offset: number): Map<string | number, Child> {
  const children = new Map<string | number, Child>();
  const scanner = createScanner(text, true);
  scanner.setPosition(offset);
  const opening = nextMark(text, scanner);
  if (opening !== '{' && opening !== '[') return children;
  for (let mark = nextMark(text, scanner); !isEnd(mark); mark = nextMark(text, scanner)) {
    if (mark === ',') continue;
    const keyAt = scanner.getTokenOffset();
    let name: string | number = children.size;
    if (opening === '{') {
      name = scanner.getTokenValue();
      scanner.scan();
      scanner.scan();
    }
    const valueAt = scanner.getTokenOffset();
    children.set(name, { keyAt, valueAt });
    scanner.setPosition(skipValue(text, valueAt));
  }
  return children;
}

/** The offset just behind the value that begins at an offset of valid JSON. */
export function skipValue(text: string, offset: number): number {
  const scanner = createScanner(text, true);
  scanner.setPosition(offset);
  let depth = 0;
  do {
    const mark = nextMark(text, scanner);
    if (mark === '') break;
    if (mark === '{' || mark === '[') depth++;
    else if (isEnd(mark)) depth--;
  } while (depth > 0);
  return scanner.getTokenOffset() + scanner.getTokenLength();
}

/** The first character of the next token, which tells what it is; empty at the end. */
export function nextMark(text: string, scanner: JSONScanner): string {
  scanner.scan();
  return text.charAt(scanner.getTokenOffset());
}

const isEnd = (mark: string): boolean => mark === '}' || mark === ']' || mark === '';
