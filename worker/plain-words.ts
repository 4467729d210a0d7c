import { printable } from '../bus-schema/printable.js';

/* eslint-disable no-control-regex -- what moves a terminal's cursor is what this file is about */

/** Colours, titles and whatever else a program says to a terminal and not to its reader. */
const TO_TERMINAL =
  /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[()][0-9A-Z]|[=>78cDEHM])/g;

/** A command's output without what was meant for a terminal only. */
export function withoutEscapes(output: string): string {
  return output.includes('\u001b') ? output.replace(TO_TERMINAL, '') : output;
}

const CUT = '[TRUNCATED]';

/** Words that came from outside, on one line, visible, and at most so long; where something is missing, it says so. */
export function inOneLine(words: string, longest: number): string {
  // More than so much is cut in any case, and need not be looked at.
  const line = words
    .slice(0, 4 * longest)
    .split(/\s+/)
    .join(' ')
    .trim();
  const visible = printable(line, Infinity);
  if (visible.length <= longest && words.length <= 4 * longest) return visible;
  return shorten(visible, longest - CUT.length) + CUT;
}

/** Leaves no half of a character. */
function shorten(words: string, longest: number): string {
  return words.slice(0, longest).replace(/[\ud800-\udbff]$/, '');
}

/** The last lines that have something on them, as many as there is room for; empty for an output that has none. */
export function lastWords(output: string, longest: number): string {
  const lines: string[] = [];
  let left = longest;
  for (const line of linesFromEnd(output)) {
    const words = inOneLine(line, longest);
    if (words === '') continue;
    if (words.length > left) break;
    left -= words.length + 1;
    lines.unshift(words);
  }
  return lines.join(' ');
}

function* linesFromEnd(output: string): Generator<string> {
  for (let end = output.length; end >= 0;) {
    const start = end === 0 ? -1 : output.lastIndexOf('\n', end - 1);
    yield output.slice(start + 1, end);
    end = start;
  }
}
