/* eslint-disable no-control-regex -- control characters are what this file is about */

/** C0 and C1 controls, bidi overrides, invisible separators: what a terminal or an eye could be fooled by. */
const TREACHEROUS = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** Text from a plan, an event or a file name, made safe for a person's screen: visible, on one line, and not too long. */
export function printable(text: string, longest = 200): string {
  const visible = text.replace(TREACHEROUS, character => {
    const code = character.codePointAt(0) ?? 0;
    return code < 0x100
      ? `\\x${code.toString(16).padStart(2, '0')}`
      : `\\u${code.toString(16).padStart(4, '0')}`;
  });
  return visible.length <= longest ? visible : `${visible.slice(0, longest - 1)}…`;
}

/** JSON in which whatever `printable` would show as an escape is one: the same to whoever reads it as JSON. */
export function printableJson(json: string): string {
  // Line ends stand between values, and within strings JSON escapes them itself.
  return json.replace(TREACHEROUS, character =>
    character < ' ' ? character : `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}
