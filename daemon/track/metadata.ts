import { applyEdits, modify, parse, type ParseError } from 'jsonc-parser';

/**
 * Sets keys of a track's `metadata.json` and leaves every other byte as it is: its author's order, numbers and layout.
 * Values are placed by path; objects on the way that are missing are made. Text that is no JSON is left alone, with the
 * reason.
 */
export function setInMetadata(
  text: string,
  values: readonly (readonly [path: readonly string[], value: unknown])[],
): { readonly text: string; readonly problem?: string } {
  const errors: ParseError[] = [];
  const root: unknown = parse(text, errors, { disallowComments: true });
  if (errors.length > 0 || typeof root !== 'object' || root === null || Array.isArray(root)) {
    return { text, problem: 'it is no JSON object' };
  }
  const formattingOptions = { ...indentationOf(text), eol: text.includes('\r\n') ? '\r\n' : '\n' };
  let changed = text;
  for (const [path, value] of values)
    changed = applyEdits(changed, modify(changed, [...path], value, { formattingOptions }));
  return { text: changed };
}

/** As its first indented line has it. */
function indentationOf(text: string): { insertSpaces: boolean; tabSize: number } {
  const indent = /\n([ \t]+)\S/.exec(text)?.[1] ?? '  ';
  return { insertSpaces: !indent.startsWith('\t'), tabSize: indent.startsWith('\t') ? 1 : indent.length };
}
