import { findNodeAtLocation, parse, parseTree, type Node, type ParseError } from 'jsonc-parser';

/**
 * Sets keys of a track's `metadata.json` and leaves every other byte as it is: its author's order, numbers and layout.
 * Values are placed by path; objects on the way that are missing are made. Text that is no JSON, or has something else in
 * their place, is left alone, with the reason.
 */
export function setInMetadata(
  text: string,
  values: readonly (readonly [path: readonly string[], value: unknown])[],
): { readonly text: string; readonly problem?: string } {
  const errors: ParseError[] = [];
  const root: unknown = parse(text, errors, { disallowComments: true });
  if (errors.length > 0 || !isObject(root)) return { text, problem: 'it is no JSON object' };
  let changed = text;
  const set = (path: readonly string[], value: unknown): void => {
    changed = withValue(changed, path, value);
  };
  for (const [path, value] of values) {
    const obstacle = obstacleOn(path, parse(changed));
    if (obstacle?.isNull === false) return { text, problem: `its ${obstacle.path.join('.')} is no object` };
    if (obstacle !== undefined) set(obstacle.path, {});
    set(path, value);
  }
  return { text: changed };
}

/** What stands where the path needs an object: a null may be replaced, anything else its author meant. */
function obstacleOn(
  path: readonly string[],
  root: unknown,
): { readonly path: readonly string[]; readonly isNull: boolean } | undefined {
  let value = root;
  for (const [depth, key] of path.slice(0, -1).entries()) {
    value = isObject(value) ? value[key] : undefined;
    if (value === undefined) return undefined;
    if (!isObject(value)) return { path: path.slice(0, depth + 1), isNull: value === null };
  }
  return undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Puts a value in the place of the one that is there, or a new key behind the last of the object nearest to it. */
function withValue(text: string, path: readonly string[], value: unknown): string {
  const root = parseTree(text);
  if (root === undefined) return text;
  let depth = path.length;
  let node = findNodeAtLocation(root, [...path]);
  if (node !== undefined) return spliced(text, node, JSON.stringify(value));
  while (node === undefined && depth > 0) node = findNodeAtLocation(root, path.slice(0, --depth));
  const [key = '', ...deeper] = path.slice(depth);
  const inner = deeper.reduceRight((content, name) => ({ [name]: content }), value);
  return withKey(text, node ?? root, (indent, inLines) => {
    const written = inLines ? JSON.stringify(inner, null, unitOf(text)) : JSON.stringify(inner);
    return `${JSON.stringify(key)}: ${written.replaceAll('\n', endOfLine(text) + indent)}`;
  });
}

/** Below the last key if that begins a line, else behind it; in an empty object on a line of its own if the text has lines. */
function withKey(
  text: string,
  { offset, length, children }: Node,
  written: (indent: string, inLines: boolean) => string,
): string {
  const last = children?.at(-1);
  if (last !== undefined) {
    const before = text.slice(text.lastIndexOf('\n', last.offset) + 1, last.offset);
    const inLines = text.includes('\n') && before.trim() === '';
    const pause = inLines ? `,${endOfLine(text)}${before}` : ', ';
    const end = { offset: last.offset + last.length, length: 0 };
    return spliced(text, end, pause + written(before, inLines));
  }
  if (!text.includes('\n')) return spliced(text, { offset, length }, `{${written('', false)}}`);
  const outer = /^[ \t]*/.exec(text.slice(text.lastIndexOf('\n', offset) + 1))?.[0] ?? '';
  const indent = outer + unitOf(text);
  const end = endOfLine(text);
  return spliced(text, { offset, length }, `{${end}${indent}${written(indent, true)}${end}${outer}}`);
}

function spliced(text: string, { offset, length }: Pick<Node, 'offset' | 'length'>, put: string): string {
  return text.slice(0, offset) + put + text.slice(offset + length);
}

/** As its first indented line has it. */
const unitOf = (text: string): string => /\n([ \t]{1,10})\S/.exec(text)?.[1] ?? '  ';

const endOfLine = (text: string): string => (text.includes('\r\n') ? '\r\n' : '\n');
