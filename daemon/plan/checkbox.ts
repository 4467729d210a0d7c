/** A checkbox of a list; its line may be anywhere in a text. */
export interface Checkbox {
  /** Column of the mark between the brackets. */
  readonly column: number;
  /** `[x]`: done. Open, under way and blocked are all to be run. */
  readonly ticked: boolean;
  /** What stands behind the box. */
  readonly rest: string;
}

/** The checkbox that a line begins with, `- [ ] …` or `1. [x] …`. */
export function checkboxOf(line: string): Checkbox | undefined {
  const match = /^(\s*(?:[-*+]|\d{1,9}[.)])\s+\[)([ xX~!])\]\s+(\S.*)$/.exec(line.trimEnd());
  if (match === null) return undefined;
  const [, before = '', mark = '', rest = ''] = match;
  return { column: before.length, ticked: mark.toLowerCase() === 'x', rest };
}
