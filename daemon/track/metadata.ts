import { applyEdits, modify, parse, type ParseError } from 'jsonc-parser';

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
  const formattingOptions = { ...indentationOf(text), eol: text.includes('\r\n') ? '\r\n' : '\n' };
  let changed = text;
  const set = (path: readonly string[], value: unknown): void => {
    changed = applyEdits(changed, modify(changed, [...path], value, { formattingOptions }));
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

/** As its first indented line has it. */
function indentationOf(text: string): { insertSpaces: boolean; tabSize: number } {
  const indent = /\n([ \t]+)\S/.exec(text)?.[1] ?? '  ';
  return { insertSpaces: !indent.startsWith('\t'), tabSize: indent.startsWith('\t') ? 1 : indent.length };
}
